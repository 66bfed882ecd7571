import { insideBase64 } from '../support/inside-base64.ts';
import { passwordStart } from './sources.ts';

const inBase64 = insideBase64(Buffer.from(passwordStart));
/** As in a source, in its docker config, and in the `data` of a Secret. */
const forms = [passwordStart, ...inBase64, ...inBase64.flatMap((form) => insideBase64(Buffer.from(form)))];

/** What a process tells or stores outside of Secrets holds no password, although nothing masks it here. */
export function brokenOutput(text: string): string | undefined {
  return forms.some((form) => text.includes(form)) ? 'it shows a password' : undefined;
}
