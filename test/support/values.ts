/** Values as a YAML text. JSON is YAML but for a few characters that YAML wants escaped. */
export function valuesText(values: object): string {
  return JSON.stringify(values).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
