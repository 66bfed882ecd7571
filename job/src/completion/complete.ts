import type { Command, Option } from 'commander';

/** Reads the names of the contexts of a kubeconfig; default: the one that counts. */
export type ReadContexts = (kubeconfig?: string) => Promise<string[]>;

/** Tells a shell to complete the name of a file by itself. */
const files = [':files'];

/**
 * What a command line can go on with, as the scripts of the shells take it: a line for each word, with a tab and what it
 * means.
 *
 * @param words what stands behind the program's name, up to the cursor; the last one is what is to be completed
 */
export async function complete(program: Command, words: readonly string[], contexts: ReadContexts): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const { command, given, open, operands } = read(program, words.slice(0, -1));
  const [, flag = '', value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
  const option = open ?? optionOf(command, flag);
  if (option) {
    const values = await valuesOf(option, contexts, given.get('--kubeconfig'));
    if (values === files) return files;
    const begin = open ? '' : `${flag}=`;
    return values.filter((one) => one.startsWith(value ?? current)).map((one) => begin + one);
  }
  const help = command.createHelp();
  const names = help.visibleCommands(command).map((one) => described(one.name(), one.description()));
  const choices = command.registeredArguments[operands]?.argChoices ?? [];
  const flags = help
    .visibleOptions(command)
    .filter((one) => isRepeatable(one) || !given.has(one.long ?? ''))
    .map((one) => described(one.long ?? '', one.description));
  const first = [...(operands === 0 ? names : []), ...choices];
  return (current.startsWith('-') || first.length === 0 ? flags : first).filter((one) => one.startsWith(current));
}

interface Read {
  command: Command;
  /** Options that are there, with their values. */
  given: Map<string, string>;
  /** The option whose value comes next. */
  open: Option | undefined;
  operands: number;
}

function read(program: Command, words: readonly string[]): Read {
  let { command, given, open, operands }: Read = { command: program, given: new Map(), open: undefined, operands: 0 };
  for (const word of words) {
    const [flag = '', value] = word.split(/=(.*)/s);
    const option = optionOf(command, flag);
    const sub = command.commands.find((one) => one.name() === word);
    if (open) {
      given.set(open.long ?? '', word);
      open = undefined;
    } else if (option) {
      given.set(flag, value ?? '');
      if (option.required && value === undefined) open = option;
    } else if (sub) command = sub;
    // What `help` takes are the commands.
    else if (word !== 'help') operands += 1;
  }
  return { command, given, open, operands };
}

function optionOf(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long }) => long === flag);
}

/** What an option takes is named in its flags. */
async function valuesOf({ flags, argChoices }: Option, contexts: ReadContexts, kubeconfig?: string): Promise<string[]> {
  if (flags.endsWith('<file>')) return files;
  return flags.endsWith('<context>') ? contexts(kubeconfig) : (argChoices ?? []);
}

function isRepeatable({ defaultValue }: Option): boolean {
  return Array.isArray(defaultValue);
}

function described(word: string, meaning: string): string {
  return `${word}\t${meaning}`;
}
