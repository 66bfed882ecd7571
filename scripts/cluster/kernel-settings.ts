import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the kubelet sets and no namespace confines: without this the machine would, for one, reboot on a kernel oops. */
const machineWide = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/**
 * Puts copies in the place of the kernel's settings that hold for the whole machine, so that the kubelet changes those.
 *
 * @param directory where the copies lie
 */
export async function shieldKernelSettings(directory: string): Promise<void> {
  const copies = await mkdtemp(join(directory, 'kernel-settings-'));
  for (const setting of machineWide) {
    const original = join('/proc/sys', setting);
    const copy = join(copies, setting.replaceAll('/', '.'));
    await writeFile(copy, await readFile(original));
    await run('mount', ['--bind', copy, original]);
  }
}
