import { mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { bundleFile } from '../../scripts/build.ts';
import { documented } from '../support/page.ts';
import { openScreen } from '../support/screen.ts';

const ofBash = documented('chart/pages/command.md', 'From any machine with a kubeconfig', 'completion bash').trim();
const ofFish = documented('chart/pages/command.md', 'From any machine with a kubeconfig', 'completion fish').trim();
/** How each shell starts with nothing of this machine, and what the page says so that it completes. */
const shells = {
  bash: { start: 'bash --noprofile --norc -i', setUp: ofBash },
  zsh: {
    start: 'zsh --no-rcs -i',
    setUp: `autoload -U compinit && compinit -u -D && ${ofBash.replace('bash', 'zsh')}`,
  },
  // What it suggests by itself looks like what it completes.
  fish: { start: 'fish -i', setUp: `set fish_autosuggestion_enabled 0; ${ofFish}` },
};

/** What is typed before the Tab key, and what the line is then. */
const cases: Array<[typed: string, completed: string]> = [
  ['pullsecret-sync cle', 'pullsecret-sync cleanup'],
  ['pullsecret-sync help ver', 'pullsecret-sync help verify'],
  ['pullsecret-sync sync --tol', 'pullsecret-sync sync --tolerate-partial'],
  ['pullsecret-sync completion fi', 'pullsecret-sync completion fish'],
  ['pullsecret-sync plan --config conf', 'pullsecret-sync plan --config configuration.yaml'],
  ['pullsecret-sync plan --context arn:aws:e', 'pullsecret-sync plan --context arn:aws:eks:cluster/production'],
  ['pullsecret-sync plan --context=sta', 'pullsecret-sync plan --context=staging'],
  [
    'pullsecret-sync plan --kubeconfig other --context=la',
    'pullsecret-sync plan --kubeconfig other --context=laboratory',
  ],
];

/** Empties the line. */
const controlU = '\u0015';

for (const [name, { start, setUp }] of Object.entries(shells)) {
  test(`${name} completes commands, options and their values, files and contexts`, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'completion-'));
    const PATH = await preparePath(folder.path);
    await using screen = openScreen(`cd ${folder.path}; exec ${start}`, { PATH, HOME: folder.path }, 120);
    screen.type(`${setUp}; echo rea''dy\n`);
    await screen.shows(/^ready$/m);

    for (const [typed, completed] of cases) {
      screen.type(`${controlU}${typed}\t`);

      await screen.shows(new RegExp(`${literally(completed)}\\s*$`));
    }
  });
}

/** A folder with a kubeconfig of several contexts, another one, and the program on the path. */
async function preparePath(folder: string): Promise<string> {
  const programs = join(folder, 'bin');
  await mkdir(programs);
  await symlink(bundleFile, join(programs, 'pullsecret-sync'));
  await mkdir(join(folder, '.kube'));
  await writeFile(join(folder, '.kube', 'config'), kubeconfig('arn:aws:eks:cluster/production', 'staging'));
  await writeFile(join(folder, 'other'), kubeconfig('laboratory'));
  await writeFile(join(folder, 'configuration.yaml'), '');
  return [programs, dirname(process.execPath), process.env.PATH].join(':');
}

function kubeconfig(...contexts: string[]): string {
  const named = contexts.map((name) => ({ name, context: { cluster: 'one', user: 'one' } }));
  const clusters = [{ name: 'one', cluster: { server: 'https://127.0.0.1:1' } }];
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters,
    users: [{ name: 'one', user: {} }],
    contexts: named,
  });
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
