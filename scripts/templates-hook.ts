import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { templateFiles, templateModule } from './templates.ts';

// Lets Node import the job's sources as they are: `node --import ./scripts/templates-hook.ts`.
registerHooks({
  load(url, context, nextLoad) {
    if (!templateFiles.test(url)) return nextLoad(url, context);
    const path = fileURLToPath(url);
    return { format: 'module', shortCircuit: true, source: templateModule(path, readFileSync(path, 'utf8')) };
  },
});
