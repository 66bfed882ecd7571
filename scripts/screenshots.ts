import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { renderDocument } from '../job/src/report/formats/render-document.ts';
import { reportOf } from '../test/support/report-documents.ts';
import { paintForPicture, terminalPicture } from './screenshots/terminal.ts';
import { systemProgram } from './system-program.ts';

const folder = join(import.meta.dirname, '..', 'chart', 'pages', 'images');
export const terminalFile = join(folder, 'status.svg');

/** The picture of `status` in a terminal. */
export function statusPicture(): string {
  const style = { columns: 120, paint: paintForPicture };
  const command = 'pullsecret-sync status --config-map registry-access/pullsecret-sync';
  return terminalPicture(command, renderDocument(reportOf(120), 'text', style));
}

if (import.meta.main) {
  await mkdir(folder, { recursive: true });
  await writeFile(terminalFile, statusPicture());
  await takeScreenshots();
}

/** The page as a browser shows it. Another version of the browser draws other bytes, so no test compares them. */
async function takeScreenshots(): Promise<void> {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'screenshots-'));
  const file = join(temporary.path, 'status.html');
  await writeFile(file, renderDocument(reportOf(120), 'html'));
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  await using browser = await chromium.launch({ executablePath: await systemProgram('chromium'), args });
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1200, height: 800 } });
    await page.goto(pathToFileURL(file).href);
    // As far as the table goes.
    const clip = { x: 0, y: 0, width: 1200, height: 1850 };
    await page.screenshot({ path: join(folder, `page-${colorScheme}.png`), fullPage: true, clip });
  }
}
