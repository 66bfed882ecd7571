import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type OutputFile, type Plugin } from 'esbuild';
import { noticesOf } from './notices.ts';
import { templateModule } from './templates.ts';

const templates: Plugin = {
  name: 'handlebars-templates',
  setup(bundle) {
    bundle.onLoad({ filter: /\.hbs$/ }, async ({ path }) => ({
      contents: templateModule(await readFile(path, 'utf8')),
      loader: 'js',
    }));
  },
};

const root = fileURLToPath(new URL('..', import.meta.url));
/** Where the bundle lies, and the licences of what is in it. */
export const bundleFile = join(root, 'dist', 'pullsecret-sync.mjs');
const noticesFile = join(root, 'dist', 'NOTICES.txt');

/** Makes what the image holds. Some dependencies are CommonJS and ask for `require` at run time. */
export async function buildBundle(): Promise<void> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['job/src/main.ts'],
    outfile: bundleFile,
    bundle: true,
    platform: 'node',
    target: 'node22.19',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    // They are in the notices, with the licences that have no such comment.
    legalComments: 'none',
    metafile: true,
    write: false,
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as _createRequire } from 'node:module'; const require = _createRequire(import.meta.url);",
    },
    plugins: [templates],
  });
  await mkdir(dirname(bundleFile), { recursive: true });
  await writeWhereNew(bundleFile, (outputFiles[0] as OutputFile).text);
  await writeWhereNew(noticesFile, await noticesOf(Object.keys(metafile.inputs), root));
}

/** Two builds of the same at the same time must not show each other, or who runs the bundle, half a file. */
async function writeWhereNew(file: string, content: string): Promise<void> {
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present !== content) await writeFile(file, content);
}

if (import.meta.main) await buildBundle();
