import { rendererOf } from '../templating.ts';
import bash from './bash.hbs';
import fish from './fish.hbs';
import type { Shell } from './shells.ts';
import zsh from './zsh.hbs';

const templates: Record<Shell, TemplateSpecification> = { bash, zsh, fish };

/** What a shell reads so that it completes. It asks the program each time, so that it is never of another version. */
export function completionScript(shell: Shell, program: string): string {
  return rendererOf<{ program: string }>(templates[shell])({ program });
}
