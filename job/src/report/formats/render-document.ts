import { stringify } from 'yaml';
import type { ReportDocument } from '../document/report-document.ts';
import type { Format } from '../format.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderText } from './text.ts';
import { visibleDocument } from './visible.ts';

const forPrograms = {
  json: (document: ReportDocument) => `${JSON.stringify(document, null, 2)}\n`,
  yaml: (document: ReportDocument) =>
    stringify(document, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }),
};
const forPeople = { text: renderText, markdown: renderMarkdown, html: renderHtml, junit: renderJunit };

/** The document as text. For programs it is as it is; people get no character that they cannot see. */
export function renderDocument(document: ReportDocument, format: Format): string {
  if (format === 'json' || format === 'yaml') return forPrograms[format](document);
  return forPeople[format](visibleDocument(document));
}
