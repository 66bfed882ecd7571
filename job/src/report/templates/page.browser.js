// Filters the table of namespaces. Without it the page says the same.
const form = document.querySelector('.filters');
const shown = document.querySelector('.shown');
if (form) {
  const { name, target } = form.elements;
  const boxes = [...form.querySelectorAll('input[type=checkbox]')];
  const rows = [...document.querySelectorAll('.matrix tbody tr')].map((row) => ({
    row,
    name: row.cells[0].textContent.toLowerCase(),
    // The class of a mark is "state" and which.
    cells: [...row.cells]
      .slice(1)
      .map((cell) => [...cell.querySelectorAll('.state')].map(({ classList }) => classList[1])),
  }));
  const all = shown.textContent;

  const filter = () => {
    const part = name.value.trim().toLowerCase();
    const states = boxes.filter((box) => box.checked).map((box) => box.value);
    const fits = (state) => (states.length > 0 ? states.includes(state) : target.value === '' || state !== 'leftOut');
    let count = 0;
    for (const one of rows) {
      const cells = target.value === '' ? one.cells.flat() : one.cells[target.value];
      const visible = one.name.includes(part) && cells.some(fits);
      if (one.row.hidden === visible) one.row.hidden = !visible;
      if (visible) count += 1;
    }
    shown.textContent = count === rows.length ? all : `${count.toLocaleString('en')} of ${all}`;
  };

  form.addEventListener('input', filter);
  form.addEventListener('reset', () => setTimeout(filter));
  form.addEventListener('submit', (event) => event.preventDefault());
  form.hidden = false;
  // A browser keeps what was typed when the page is loaded again.
  filter();
}
