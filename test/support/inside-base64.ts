/**
 * The three forms that bytes have inside of base64, by how many stand before them: the characters that hold no bit of a
 * neighbour.
 */
export function insideBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    return all.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((all.length * 8) / 6));
  });
}
