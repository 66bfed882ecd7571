import { type Form, formsOf, shortestRun } from './forms.ts';

/** What was found of a secret. It does not say the secret, nor what stands around it. */
export interface Trace {
  /** What the tests call the secret. */
  secret: string;
  /** Name of the {@link Form}. */
  form: string;
}

interface Place {
  form: Form;
  secret: string;
  at: number;
}

const piece = 4;
/** A run of the shortest length has a whole piece at one of so many positions in a row. */
const stride = shortestRun - piece + 1;

/** What is searched for. It looks at each fifth position of a text, whatever number of secrets it knows. */
export class Searcher {
  readonly #places = new Map<number, Place[]>();

  /**
   * @param core what is in the secret and in nothing else, each character a byte
   * @param run so many characters of it in a row are a trace: {@link shortestRun} and more
   */
  add(secret: string, core: string, run = shortestRun): void {
    for (const form of formsOf(core, run)) {
      for (let at = 0; at + piece <= form.text.length; at++) {
        const number = pieceAt(form.text, at);
        const places = this.#places.get(number) ?? [];
        this.#places.set(number, places);
        places.push({ form, secret, at });
      }
    }
  }

  /** Each secret of which the text has a piece, once for each form. */
  tracesIn(text: string): Trace[] {
    const found = new Map<string, Trace>();
    for (let at = 0; at + piece <= text.length; at += stride) {
      for (const place of this.#places.get(pieceAt(text, at)) ?? []) {
        if (lengthInCommon(text, at, place) < place.form.shortest) continue;
        const trace = { secret: place.secret, form: place.form.name };
        found.set(`${trace.secret} ${trace.form}`, trace);
      }
    }
    return [...found.values()];
  }
}

function pieceAt(text: string, at: number): number {
  let number = 0;
  for (let index = at; index < at + piece; index++) number = (number << 8) | (text.charCodeAt(index) & 0xff);
  return number;
}

function lengthInCommon(text: string, at: number, place: Place): number {
  const form = place.form.text;
  let before = 0;
  while (before < place.at && before < at && form[place.at - before - 1] === text[at - before - 1]) before++;
  let after = 0;
  while (place.at + after < form.length && form[place.at + after] === text[at + after]) after++;
  return before + after;
}
