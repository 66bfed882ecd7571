/**
 * Of what a command printed all that has to be free of passwords: commands that exist to print objects print Secrets
 * too. Whatever else stands beside them counts.
 *
 * @param command the program's name and its arguments
 */
export function besideSecrets(command: readonly string[], output: string): string {
  const [program = '', ...args] = command;
  const has = (...words: string[]) => words.every((word) => args.includes(word));
  if (program === 'kubectl') {
    // Of Secrets alone, in whatever form the test wants to have them.
    if (has('get') && args.some((arg) => /^secrets?(\/|$)/.test(arg))) return '';
    return has('json') || has('yaml') ? withoutSecretObjects(output) : output;
  }
  const prints = has('template') || has('get', 'manifest') || has('get', 'all') || has('--dry-run');
  if (['helm', 'helm3', 'helmfile'].includes(program) && prints) return withoutSecretDocuments(output);
  return output;
}

interface Shown {
  kind?: string;
  items?: Shown[];
}

function withoutSecretObjects(output: string): string {
  if (!output.startsWith('{')) return withoutSecretDocuments(output);
  const shown: Shown = JSON.parse(output);
  const objects = shown.items ?? [shown];
  return JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
}

function withoutSecretDocuments(output: string): string {
  return output
    .split(/^---.*\n/m)
    .filter((document) => !/^kind: "?Secret"?\s*$/m.test(document))
    .join('');
}
