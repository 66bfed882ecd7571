import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { bundleFile } from '../../scripts/build.ts';

const run = promisify(execFile);

test('an older Node is told in one sentence which one is needed', async () => {
  const older = "data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '20.1.0' } })";

  const ended = run(process.execPath, ['--import', older, bundleFile, 'plan']).catch((error) => error);

  const { code, stdout, stderr } = await ended;
  const sentence =
    'pullsecret-sync needs Node 24 or newer, and this is Node 20.1.0: install a newer one, or run the image\n';
  assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: '', stderr: sentence });
});
