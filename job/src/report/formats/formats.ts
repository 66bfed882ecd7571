import type { ReportDocument } from '../document/report-document.ts';

/** What `--output` takes. */
export const formats = ['text', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];

/** The document in a format. Each is loaded when it is asked for. */
export async function renderDocument(document: ReportDocument, format: Format): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('./text.ts')).renderText(document);
    case 'json':
      return `${JSON.stringify(document, null, 2)}\n`;
    case 'yaml':
      return (await import('yaml')).stringify(document, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
  }
}
