import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { templateModule } from './templates.ts';

// Lets Node import the job's sources as they are: `node --import ./scripts/templates-hook.ts`.
registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith('.hbs')) return nextLoad(url, context);
    return { format: 'module', shortCircuit: true, source: templateModule(readFileSync(fileURLToPath(url), 'utf8')) };
  },
});
