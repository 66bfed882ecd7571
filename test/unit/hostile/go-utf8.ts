import { isUtf8 } from 'node:buffer';

const replacement = Buffer.from('\ufffd');

/** Text with U+FFFD for each byte that is no UTF-8, as Go replaces them; JavaScript does it for several at once. */
export function utf8AsGo(bytes: Buffer): Buffer {
  if (isUtf8(bytes)) return bytes;
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const character = [1, 2, 3, 4].map((length) => bytes.subarray(at, at + length)).find((one) => isUtf8(one));
    parts.push(character ?? replacement);
    at += character?.length ?? 1;
  }
  return Buffer.concat(parts);
}
