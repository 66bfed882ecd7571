import { stringify } from 'yaml';
import { plainStyle, type TextStyle } from '../../terminal/text-style.ts';
import type { ReportDocument } from '../document/report-document.ts';
import type { Format } from '../format.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderPlanText } from './plan-text.ts';
import { renderStatusText } from './status-text.ts';
import { visibleDocument } from './visible.ts';

const forPrograms = {
  json: (document: ReportDocument) => `${JSON.stringify(document, null, 2)}\n`,
  yaml: (document: ReportDocument) =>
    stringify(document, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }),
};
const forPeople = { text: renderText, markdown: renderMarkdown, html: renderHtml, junit: renderJunit };

/**
 * The document as text. For programs it is as it is; people get no character that they cannot see.
 *
 * @param style of the format `text`
 */
export function renderDocument(document: ReportDocument, format: Format, style: TextStyle = plainStyle): string {
  if (format === 'json' || format === 'yaml') return forPrograms[format](document);
  return forPeople[format](visibleDocument(document), style);
}

function renderText(document: ReportDocument, style: TextStyle): string {
  return document.command === 'plan' ? renderPlanText(document, style) : renderStatusText(document, style);
}
