import { mapStrings } from '../../map-strings.ts';
import type { ReportDocument } from '../document/report-document.ts';

// Control characters, what turns the direction of a text round, what has no width, halves of characters, and no characters.
const invisible = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]|\p{Cs}/gu;

/**
 * The document as it may be shown to people: others' messages in it cannot steer a terminal, turn a line round or break XML.
 * What cannot be seen is written as its number, line breaks as spaces.
 */
export function visibleDocument(document: ReportDocument): ReportDocument {
  return mapStrings(document, visible);
}

function visible(text: string): string {
  return text.replace(/[\t\n\r]+/g, ' ').replace(invisible, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
