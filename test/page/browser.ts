import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { ReportDocument } from '../../job/src/report/document/report-document.ts';
import { renderDocument } from '../../job/src/report/formats/render-document.ts';
import { systemProgram } from '../../scripts/system-program.ts';

export interface ViewOptions {
  width?: number;
  scheme?: 'light' | 'dark';
  javaScript?: boolean;
}

/** A page in a browser, with all that it asked for and complained about. */
export interface View {
  page: Page;
  /** Addresses, the page's own first. */
  requests: string[];
  /** Errors and warnings of the browser, refusals by the page's policy among them. */
  complaints: string[];
}

/** A real browser, without a window. */
export async function startBrowser(): Promise<Browser> {
  // Its own sandbox is not to be had as root; what it shows is a file of ours.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: await systemProgram('chromium'), args });
}

/** Opens the page of a document as a person does: from a file. */
export async function view(browser: Browser, document: ReportDocument, options: ViewOptions = {}): Promise<View> {
  const { width = 1440, scheme = 'light', javaScript = true } = options;
  await using folder = await mkdtempDisposable(join(tmpdir(), 'page-'));
  const file = join(folder.path, 'status.html');
  await writeFile(file, renderDocument(document, 'html'));
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    javaScriptEnabled: javaScript,
  });
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(file).href);
  return { page, requests, complaints };
}

/** What axe finds, each with the elements that it is about: violations, and what it could not decide. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations, incomplete } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return [...violations, ...incomplete].flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`),
    );
  });
}
