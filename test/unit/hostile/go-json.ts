import { utf8AsGo } from './go-utf8.ts';

/**
 * A JSON text as Go's encoding/json reads it, which the kubelet is built with: equal keys are all there, and a string is
 * the bytes that Go makes of it. Written after Go's sources (encoding/json: scanner.go, decode.go) and by no other JSON
 * reader, so that it can judge one.
 */
export type GoJson =
  | { kind: 'null' | 'scalar' | 'list' }
  | { kind: 'string'; bytes: Buffer }
  | { kind: 'object'; members: Array<[key: string, value: GoJson]> };

/** Go's limit is 10,000, which is too much for calls inside of each other; no test lies between the two. */
const deepest = 1000;

class SyntaxFault extends Error {}

/** `undefined`: Go refuses the text. */
export function readGoJson(text: Buffer): GoJson | undefined {
  try {
    return new Reader(text).document();
  } catch (error) {
    if (error instanceof SyntaxFault) return undefined;
    throw error;
  }
}

class Reader {
  readonly #text: Buffer;
  #at = 0;

  constructor(text: Buffer) {
    this.#text = text;
  }

  document(): GoJson {
    const value = this.#value(0);
    this.#blanks();
    if (this.#at < this.#text.length) throw new SyntaxFault();
    return value;
  }

  #value(depth: number): GoJson {
    if (depth > deepest) throw new SyntaxFault();
    this.#blanks();
    if (this.#is('{')) return this.#object(depth + 1);
    if (this.#is('[')) return this.#list(depth + 1);
    if (this.#is('"')) return { kind: 'string', bytes: this.#string() };
    return this.#word();
  }

  #object(depth: number): GoJson {
    const members: Array<[string, GoJson]> = [];
    this.#take('{');
    this.#blanks();
    while (!this.#is('}')) {
      if (members.length > 0) this.#take(',');
      this.#blanks();
      const key = this.#string().toString('utf8');
      this.#blanks();
      this.#take(':');
      members.push([key, this.#value(depth)]);
      this.#blanks();
    }
    this.#take('}');
    return { kind: 'object', members };
  }

  #list(depth: number): GoJson {
    this.#take('[');
    this.#blanks();
    for (let isFirst = true; !this.#is(']'); isFirst = false) {
      if (!isFirst) this.#take(',');
      this.#value(depth);
      this.#blanks();
    }
    this.#take(']');
    return { kind: 'list' };
  }

  #word(): GoJson {
    const begin = this.#at;
    while (/[-+.0-9A-Za-z]/.test(this.#ahead(1))) this.#at += 1;
    const word = this.#text.toString('latin1', begin, this.#at);
    if (word === 'null') return { kind: 'null' };
    if (/^(?:true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(word)) return { kind: 'scalar' };
    throw new SyntaxFault();
  }

  #string(): Buffer {
    const parts: Buffer[] = [];
    this.#take('"');
    while (!this.#is('"')) parts.push(this.#is('\\') ? this.#escape() : this.#plain());
    this.#take('"');
    return Buffer.concat(parts);
  }

  /** Up to the next escape or the end. */
  #plain(): Buffer {
    const begin = this.#at;
    while (this.#at < this.#text.length && !this.#is('"') && !this.#is('\\')) {
      if ((this.#text[this.#at] as number) < 0x20) throw new SyntaxFault();
      this.#at += 1;
    }
    if (this.#at === this.#text.length) throw new SyntaxFault();
    return utf8AsGo(this.#text.subarray(begin, this.#at));
  }

  #escape(): Buffer {
    this.#take('\\');
    const sign = this.#ahead(1);
    this.#at += 1;
    const simple = new Map(
      Object.entries({ '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }),
    );
    const meant = simple.get(sign);
    if (meant !== undefined) return Buffer.from(meant);
    const digits = this.#ahead(4);
    if (sign !== 'u' || !/^[\da-f]{4}$/i.test(digits)) throw new SyntaxFault();
    this.#at += 4;
    // The other half of a character, if that is what follows.
    const other = /^d[89ab]/i.test(digits) ? /^\\u(d[c-f][\da-f]{2})$/i.exec(this.#ahead(6))?.[1] : undefined;
    if (other !== undefined) this.#at += 6;
    const units = [digits, ...(other === undefined ? [] : [other])].map((one) => Number.parseInt(one, 16));
    return Buffer.from(String.fromCharCode(...units).toWellFormed());
  }

  #blanks(): void {
    while (this.#is(' ') || this.#is('\t') || this.#is('\r') || this.#is('\n')) this.#at += 1;
  }

  #take(sign: string): void {
    if (!this.#is(sign)) throw new SyntaxFault();
    this.#at += 1;
  }

  #is(sign: string): boolean {
    return this.#text[this.#at] === sign.charCodeAt(0);
  }

  #ahead(length: number): string {
    return this.#text.toString('latin1', this.#at, this.#at + length);
  }
}
