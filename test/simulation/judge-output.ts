import { formsOf } from '../support/leaks/forms.ts';
import { passwordStart } from './sources.ts';

const forms = formsOf(passwordStart).map(({ text }) => text);

/** What a process tells or stores outside of Secrets holds no password, although nothing masks it here. */
export function brokenOutput(text: string): string | undefined {
  return forms.some((form) => text.includes(form)) ? 'it shows a password' : undefined;
}
