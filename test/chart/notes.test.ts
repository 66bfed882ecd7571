import assert from 'node:assert/strict';
import { cp, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { valuesText } from '../support/values.ts';
import { assertNoPassword, chart, credentials, type Helm, withEachHelm } from './support.ts';

const policyServed = ['--api-versions', 'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy'];
const guardServed = ['--api-versions', 'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy'];

withEachHelm('notes', (helm) => {
  test('say where the finished run reported and how to see the copies', async () => {
    const text = await notes(helm);

    assert.match(text, /keeps the Secret image-pull-secret in the selected namespaces/);
    assert.match(text, /on the schedule "\* \* \* \* \*"/);
    assert.match(text, /The run that belongs to this command has ended/);
    assert.match(text, /kubectl -n registry-access get configmap creds-pullsecret-sync-status -o yaml/);
    assert.match(text, /kubectl get secrets -A --field-selector metadata\.name=image-pull-secret/);
    assert.doesNotMatch(text, /create job/);
  });

  test('say how to start and watch the first run where none was made', async () => {
    const text = await notes(helm, { runOnInstall: { enabled: false } });

    assert.match(text, /kubectl -n registry-access create job first-run --from=cronjob\/creds-pullsecret-sync$/m);
    assert.match(text, /kubectl -n registry-access logs -f job\/first-run/);
    assert.doesNotMatch(text, /The run that belongs to this command has ended/);
  });

  test('say that the schedule is suspended', async () => {
    const text = await notes(helm, { suspend: true });

    assert.match(text, /The schedule is suspended/);
    assert.doesNotMatch(text, /on the schedule/);
  });

  for (const [what, enabled, served, says] of [
    ['adds the reference at once', 'auto', true, /^An admission policy adds the reference at the moment/m],
    ['adds the reference at once', true, false, /^An admission policy adds the reference at the moment/m],
    [
      'is off, and why',
      'auto',
      false,
      /^The admission policy is off: this cluster does not serve MutatingAdmissionPolicy/m,
    ],
  ] as const) {
    test(`say that the policy ${what}, with ${enabled} where it is ${served ? '' : 'not '}served`, async () => {
      assert.match(await notes(helm, { admissionPolicy: { enabled } }, served ? policyServed : []), says);
    });
  }

  for (const [what, enabled, served, says] of [
    ['is there', 'auto', true, /^A guard refuses what its identities never do/m],
    ['is there', true, false, /^A guard refuses what its identities never do/m],
    ['is off, and why', 'auto', false, /^The guard is off: this cluster does not serve ValidatingAdmissionPolicy/m],
    ['is off, and why', false, true, /^The guard is switched off \(guardPolicy\.enabled\)/m],
  ] as const) {
    test(`say that the guard ${what}, with ${enabled} where it is ${served ? '' : 'not '}served`, async () => {
      assert.match(await notes(helm, { guardPolicy: { enabled } }, served ? guardServed : []), says);
    });
  }

  test('say nothing of a policy that is switched off', async () => {
    for (const args of [policyServed, []]) {
      assert.doesNotMatch(await notes(helm, { admissionPolicy: { enabled: false } }, args), /policy/);
    }
  });

  for (const [what, values, says, never] of [
    ['helm test', {}, /^ {2}helm test creds -n registry-access --logs$/m, undefined],
    ['no helm test without hooks', { helmHooks: false }, undefined, /helm test/],
    [
      'that a run starts, without hooks',
      { helmHooks: false },
      /^A run starts with this revision[\s\S]*get jobs -l app\.kubernetes\.io\/instance=creds$/m,
      /has ended/,
    ],
    [
      'what the uninstallation removes',
      {},
      /^"helm uninstall" removes every copy and reference first/m,
      /leaves copies/,
    ],
    [
      'what the uninstallation leaves',
      { cleanupOnUninstall: false },
      /^"helm uninstall" leaves copies and references where they are/m,
      /removes every copy/,
    ],
    [
      'how to start the cleanup, without hooks',
      { helmHooks: false },
      /component=cleanup -o name \|\n {4}xargs kubectl -n registry-access patch -p '\{"spec":\{"suspend":false\}\}'$/m,
      /"helm uninstall"/,
    ],
    [
      'what is watched',
      { prometheusRule: { enabled: true, noSuccessMinutes: 90 } },
      /^Prometheus alerts where no run succeeds for 90 minutes, or the last one failed\.$/m,
      /Nobody is told/,
    ],
    [
      'that nothing is watched',
      {},
      /^Nobody is told when runs fail: prometheusRule\.enabled makes alerts\.$/m,
      /Prometheus alerts/,
    ],
  ] as const) {
    test(`say ${what}`, async () => {
      const text = await notes(helm, values);

      if (says) assert.match(text, says);
      if (never) assert.doesNotMatch(text, never);
      assert.doesNotMatch(text, /\n{3}/);
    });
  }

  test('show no credential', async () => {
    const text = await notes(helm);

    assertNoPassword(text);
    assert.doesNotMatch(text, /registry\.example\.com|\bci\b/);
  });
});

/**
 * The text that Helm shows after an installation. Helm 3 shows it with a cluster only, so a copy of the chart renders it
 * into a ConfigMap.
 */
async function notes(helm: Helm, values: object = {}, args: string[] = []): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'notes-'));
  await cp(chart, folder.path, { recursive: true });
  const file = join(folder.path, 'templates', 'NOTES.txt');
  await writeFile(
    join(folder.path, 'templates', '_notes.tpl'),
    `{{ define "notes" }}${await readFile(file, 'utf8')}{{ end }}`,
  );
  await writeFile(
    join(folder.path, 'templates', 'notes.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: notes }\ndata: { text: {{ include "notes" . | toJson }} }\n',
  );

  const { status, stdout, stderr } = await helm.run(
    [
      'template',
      'creds',
      folder.path,
      '--namespace',
      'registry-access',
      '--kube-version',
      '1.37.2',
      '--show-only',
      'templates/notes.yaml',
      '--values',
      '-',
      ...args,
    ],
    valuesText({ ...credentials, ...values }),
  );

  assert.equal(status, 0, stderr);
  return parse(stdout).data.text;
}
