import fc from 'fast-check';

/** A change of bytes. Places are parts of the length, from 0 to 1. */
type Mutation = (bytes: Buffer) => Buffer;

const place = fc.integer({ min: 0, max: 9999 }).map((tenThousandths) => tenThousandths / 10_000);
const length = fc.integer({ min: 1, max: 60 });

/** What makes something else of JSON, of a docker config, of UTF-8 and of base64 where it is put in. */
const inserted = fc.oneof(
  fc
    .constantFrom(
      ...[
        '"',
        '\\',
        '{',
        '}',
        ',',
        ':',
        '[]',
        '{}',
        'null',
        '0',
        '""',
        '=',
        '\n',
        ' ',
        '\0',
        '\ufeff',
        '\\ud83d',
        '\\u0000',
      ],
      ...[
        '"auth":null,',
        '"Auth":"eDp5",',
        '"auths":{},',
        '"password":"x",',
        '"username":"a:b",',
        '"a.example.com":{"auth":"eDp5"},',
      ],
    )
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ minLength: 1, maxLength: 4 }).map((array) => Buffer.from(array)),
);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ place }).map(
    ({ place }): Mutation =>
      (bytes) =>
        bytes.subarray(0, at(place, bytes)),
  ),
  fc.record({ place, bit: fc.nat(7) }).map(
    ({ place, bit }): Mutation =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        const index = at(place, bytes);
        if (index < changed.length) changed[index] = (changed[index] as number) ^ (1 << bit);
        return changed;
      },
  ),
  fc.record({ place, inserted }).map(
    ({ place, inserted }): Mutation =>
      (bytes) => {
        return Buffer.concat([bytes.subarray(0, at(place, bytes)), inserted, bytes.subarray(at(place, bytes))]);
      },
  ),
  fc.record({ place, length }).map(
    ({ place, length }): Mutation =>
      (bytes) => {
        return Buffer.concat([bytes.subarray(0, at(place, bytes)), bytes.subarray(at(place, bytes) + length)]);
      },
  ),
  fc.record({ place, length }).map(
    ({ place, length }): Mutation =>
      (bytes) => {
        const end = at(place, bytes) + length;
        return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at(place, bytes), end), bytes.subarray(end)]);
      },
  ),
);

/** One change or a few, one after the other: cut off, a bit turned, something put in, taken out or there twice. */
export const mutations: fc.Arbitrary<Mutation> = fc
  .array(mutation, { minLength: 1, maxLength: 2 })
  .map((several) => (bytes) => several.reduce((changed, mutate) => mutate(changed), bytes));

function at(place: number, { length }: Buffer): number {
  return Math.floor(place * length);
}
