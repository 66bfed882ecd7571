import type Handlebars from 'handlebars';
import runtime from 'handlebars/runtime.js';
import bash from './bash.hbs';
import fish from './fish.hbs';
import type { Shell } from './shells.ts';
import zsh from './zsh.hbs';

const templates: Record<Shell, TemplateSpecification> = { bash, zsh, fish };

/** What a shell reads so that it completes. It asks the program each time, so that it is never of another version. */
export function completionScript(shell: Shell, program: string): string {
  // The runtime's own type declarations are empty.
  return (runtime as unknown as typeof Handlebars).template<{ program: string }>(templates[shell])({ program });
}
