import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command, Option } from 'commander';
import { complete } from '../../job/src/completion/complete.ts';

function program(): Command {
  const made = new Command('program');
  const first = made.command('first').description('does the first thing');
  first.option('--file <file>', 'a file').option('--context <context>', 'a context').option('--kubeconfig <file>');
  first.addOption(new Option('--output <format>', 'a format').choices(['json', 'yaml']));
  first.option('--name <name>', 'a name', (value: string, values: string[]) => [...values, value], []);
  made.command('second <what>').description('does the second thing');
  made.command('hidden', { hidden: true });
  return made;
}

const contexts = async (kubeconfig = 'the usual one') => [`one of ${kubeconfig}`, `two of ${kubeconfig}`];

/** The words without their meanings. */
async function completions(...words: string[]): Promise<string[]> {
  return (await complete(program(), words, contexts)).map((line) => line.split('\t')[0] ?? '');
}

test('commands are offered with what they do, and hidden ones are not', async () => {
  assert.deepEqual(await complete(program(), [''], contexts), [
    'first\tdoes the first thing',
    'second\tdoes the second thing',
    'help\tdisplay help for command',
  ]);
});

test('options are offered once, but for those that can be given several times', async () => {
  const words = await completions('first', '--file', 'x', '--name', 'a', '--');

  assert.deepEqual(words, ['--context', '--kubeconfig', '--output', '--name', '--help']);
});

test('values of choices are offered, behind a space and behind an equals sign', async () => {
  assert.deepEqual(await completions('first', '--output', ''), ['json', 'yaml']);
  assert.deepEqual(await completions('first', '--output=y'), ['--output=yaml']);
});

test('names of files are left to the shell', async () => {
  assert.deepEqual(await completions('first', '--file', ''), [':files']);
  assert.deepEqual(await completions('first', '--file=/tmp/x'), [':files']);
});

test('contexts are those of the kubeconfig that the line names', async () => {
  assert.deepEqual(await completions('first', '--context', ''), ['one of the usual one', 'two of the usual one']);
  assert.deepEqual(await completions('first', '--kubeconfig', 'x', '--context', 'one'), ['one of x']);
  assert.deepEqual(await completions('first', '--kubeconfig=x', '--context', 'one'), ['one of x']);
});

test('a value that looks like a command or an option is a value', async () => {
  assert.deepEqual(await completions('first', '--name', 'second', '--out'), ['--output']);
  assert.deepEqual(await completions('first', '--name', '--file', '--fi'), ['--file']);
});

test('the commands are what help is for', async () => {
  assert.deepEqual(await completions('help', 'fi'), ['first']);
});

test('an unknown command or an argument of its own is not answered', async () => {
  assert.deepEqual(await completions('third', 'fi'), []);
  assert.deepEqual(await completions('first', '--unknown', 'fi'), []);
});
