/** With a comma at each thousand, for people. */
export function formatNumber(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ',');
}
