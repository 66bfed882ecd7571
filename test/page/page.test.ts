import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { ReportDocument } from '../../job/src/report/document/report-document.ts';
import { visibleDocument } from '../../job/src/report/formats/visible.ts';
import { documentOf, emptyReport, nastyReport, reportOf } from '../support/report-documents.ts';
import { accessibilityFaults, startBrowser, view } from './browser.ts';
import { saidBy, shownBy } from './reading.ts';

let browser: Browser;

before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

const allInLine = documentOf(reportOf(30).namespaces.filter(({ state }) => state === 'inLine'));
const documents: Array<[name: string, document: ReportDocument]> = [
  ['a thousand namespaces', reportOf(1000)],
  ['all that is nasty', nastyReport()],
  ['nothing selected', emptyReport()],
  ['everything in line', allInLine],
  ['a cluster that could not be looked at', documentOf([], { verdict: 'incomplete', lastRun: null })],
];

for (const [name, document] of documents) {
  test(`the page shows what the document holds: ${name}`, async () => {
    const { page } = await view(browser, document);

    assert.deepEqual(await shownBy(page), saidBy(visibleDocument(document)));
    await page.close();
  });
}

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [360, 800, 1440]) {
    test(`axe finds nothing at ${width} pixels, ${scheme}, and nothing is wider than the window`, async () => {
      for (const document of [reportOf(8), nastyReport()]) {
        const { page } = await view(browser, document, { width, scheme });

        assert.deepEqual(await accessibilityFaults(page), []);
        await page.getByLabel('Name', { exact: true }).fill('team');
        await page.getByLabel('Target', { exact: true }).selectOption('default');
        await page.getByLabel('drift', { exact: true }).check();
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
        assert.deepEqual(await accessibilityFaults(page), []);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        await page.close();
      }
    });
  }
}

test('it asks for nothing, and what others wrote is text', async () => {
  const { page, requests, complaints } = await view(browser, nastyReport());

  assert.equal(requests.length, 1);
  assert.deepEqual(complaints, []);
  assert.equal(await page.evaluate('globalThis.hacked'), undefined);
  assert.equal(await page.locator('img, iframe, object, embed, link, body svg[onload]').count(), 0);
  await page.close();
});

test('its policy lets no other script, style or request in', async () => {
  const { page } = await view(browser, reportOf(3));

  const refused = await page.evaluate<string[]>(`new Promise((resolve) => {
    const refused = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      refused.push(effectiveDirective);
      if (refused.length === 4) resolve(refused);
    });
    const add = (name, attributes) => document.body.append(Object.assign(document.createElement(name), attributes));
    add('script', { textContent: 'globalThis.hacked = 1' });
    add('style', { textContent: 'body { display: none }' });
    add('img', { src: 'https://registry.example.com/x.png' });
    fetch('https://registry.example.com/').catch(() => {});
  })`);

  assert.deepEqual(refused.toSorted(), ['connect-src', 'img-src', 'script-src-elem', 'style-src-elem']);
  assert.equal(await page.evaluate('globalThis.hacked'), undefined);
  await page.close();
});

test('without JavaScript it says the same, and has no filters that do nothing', async () => {
  const document = reportOf(30);
  const { page } = await view(browser, document, { javaScript: false });

  assert.equal(await page.getByRole('search').count(), 0);
  assert.equal(await page.locator('.matrix tbody tr:visible').count(), document.namespaces.length);
  assert.ok(await page.getByRole('heading', { level: 1 }).isVisible());
  await page.close();
});

test('names, states and targets filter the table, and how much is left is said', async () => {
  const document = reportOf(300);
  const { page } = await view(browser, document);
  const visible = () => page.locator('.matrix tbody tr:visible th').allTextContents();
  const namesWhere = (fits: (namespace: ReportDocument['namespaces'][number]) => boolean) =>
    document.namespaces.filter(fits).map(({ name }) => name);
  const all = `${document.namespaces.length} namespaces`;

  await page.getByLabel('Name', { exact: true }).fill('PAYments');
  assert.deepEqual(
    await visible(),
    namesWhere(({ name }) => name.includes('payments')),
  );
  assert.equal(await page.getByRole('status').textContent(), `${(await visible()).length} of ${all}`);

  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('status').getByText(all, { exact: true }).waitFor();
  assert.equal((await visible()).length, document.namespaces.length);

  await page.getByLabel('drift', { exact: true }).check();
  await page.getByLabel('conflict', { exact: true }).check();
  assert.deepEqual(
    await visible(),
    namesWhere(({ state }) => state === 'drift' || state === 'conflict'),
  );

  await page.getByLabel('Target', { exact: true }).selectOption('payments');
  const isOff = ({ target, state }: { target: string | null; state: string }) =>
    target === 'payments' && (state === 'drift' || state === 'conflict');
  assert.deepEqual(
    await visible(),
    namesWhere(({ targets }) => targets.some(isOff)),
  );

  await page.getByLabel('drift', { exact: true }).uncheck();
  await page.getByLabel('conflict', { exact: true }).uncheck();
  assert.deepEqual(
    await visible(),
    namesWhere(({ targets }) => targets.some(({ target, state }) => target === 'payments' && state !== 'leftOut')),
  );
  await page.close();
});

test('the keyboard reaches every control, and shows where it is', async () => {
  const { page } = await view(browser, nastyReport());
  const controls = 'a, button, input, select, summary, [tabindex="0"]';
  const expected = await page.locator(controls).evaluateAll((all) => all.length);

  const reached = new Set<number>();
  for (let press = 0; press < expected; press++) {
    await page.keyboard.press('Tab');
    const { index, outlined } = await page.evaluate<{ index: number; outlined: boolean }>(`(() => {
      const control = document.activeElement;
      const shown = [control, control.closest('label') ?? control];
      const index = [...document.querySelectorAll('${controls.replaceAll('"', '\\"')}')].indexOf(control);
      return { index, outlined: shown.some((one) => getComputedStyle(one).outlineStyle === 'solid') };
    })()`);
    assert.ok(outlined, `control ${index} shows no focus`);
    reached.add(index);
  }

  assert.equal(reached.size, expected);
  await page.close();
});

test('a state that needs attention leads to what is said of it', async () => {
  const { page } = await view(browser, reportOf(20));

  await page.locator('.matrix a.drift').first().click();

  const card = page.locator('.card:target');
  assert.match((await card.textContent()) ?? '', /create copy/);
  await page.close();
});

test('on paper it has every namespace, and no filters', async () => {
  const document = reportOf(200);
  const { page } = await view(browser, document);

  await page.emulateMedia({ media: 'print' });

  const heights = await page
    .locator('.scroll')
    .first()
    .evaluate((box) => [box.clientHeight, box.scrollHeight]);
  assert.equal(heights[0], heights[1]);
  assert.equal(await page.getByRole('search').isVisible(), false);
  await page.close();
});
