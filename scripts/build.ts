import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
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

/** Where the bundle lies. */
export const bundleFile = fileURLToPath(new URL('../dist/pullsecret-sync.mjs', import.meta.url));

/** Makes the one file that the image holds. Some dependencies are CommonJS and ask for `require` at run time. */
export async function buildBundle(): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('../job/src/main.ts', import.meta.url))],
    outfile: bundleFile,
    bundle: true,
    platform: 'node',
    target: 'node22.19',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as _createRequire } from 'node:module'; const require = _createRequire(import.meta.url);",
    },
    plugins: [templates],
  });
}

if (import.meta.main) await buildBundle();
