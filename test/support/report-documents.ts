import type {
  Finding,
  ReportDocument,
  ReportedCell,
  ReportedNamespace,
  State,
} from '../../job/src/report/document/report-document.ts';
import { states } from '../../job/src/report/document/report-document.ts';

/** A cluster as a platform team may have it. */
const teams = ['billing', 'checkout', 'data', 'identity', 'mobile', 'payments', 'search', 'shipping', 'web'];
const stages = ['dev', 'test', 'staging', 'prod', 'canary', 'load', 'sandbox'];

const createCopy: Finding = { type: 'action', kind: 'createCopy', message: 'create copy', fix: null, details: {} };
const addReference: Finding = {
  type: 'action',
  kind: 'addReference',
  message: 'add reference',
  fix: null,
  details: { serviceAccount: 'default' },
};
const kept: Finding = {
  type: 'conflict',
  kind: 'keptSecret',
  message: 'the Secret belongs to someone else and is kept',
  fix: 'set onConflict: adopt to take it over, delete it, exclude the namespace, or choose another secretName',
  details: { owner: 'kubectl' },
};
const quota: Finding = {
  type: 'failure',
  kind: 'lastRunFailed',
  message:
    'cannot create secrets image-pull-secret: exceeded quota: object-counts, requested: secrets=1, used: secrets=40',
  fix: 'raise the ResourceQuota of the namespace or exclude the namespace',
  details: {},
};

const findingsOf: Partial<Record<State, Finding[]>> = {
  failed: [quota, createCopy, addReference],
  drift: [createCopy, addReference],
  conflict: [kept],
};

/**
 * A document of as many namespaces, with two targets, mostly in line. One in a hundred or so is not, and a few system
 * namespaces are left out.
 */
export function reportOf(count: number): ReportDocument {
  const names = Array.from({ length: count }, (_, index) => {
    const [team, stage] = [teams[index % teams.length], stages[Math.floor(index / teams.length) % stages.length]];
    const round = Math.floor(index / (teams.length * stages.length));
    return [team, stage, ...(round > 0 ? [`${round}`.padStart(3, '0')] : [])].join('-');
  });
  const namespaces = [...names, 'kube-system', 'kube-public'].map((name, index): ReportedNamespace => {
    if (name.startsWith('kube-'))
      return namespaceOf(name, [leftOut('payments', 'system'), leftOut('default', 'system')]);
    const state: State =
      index % 97 === 4 ? 'drift' : index % 113 === 7 ? 'conflict' : index % 331 === 11 ? 'failed' : 'inLine';
    const isPayments = name.startsWith('payments');
    return namespaceOf(name, [
      isPayments ? cellOf('payments', state) : leftOut('payments', 'include'),
      isPayments ? leftOut('default', 'otherTarget') : cellOf('default', state),
    ]);
  });
  return documentOf(namespaces);
}

export function cellOf(target: string | null, state: State, findings = findingsOf[state] ?? []): ReportedCell {
  return { target, secretName: 'image-pull-secret', state, leftOutBy: null, findings };
}

export function leftOut(target: string, leftOutBy: ReportedCell['leftOutBy']): ReportedCell {
  return { target, secretName: 'image-pull-secret', state: 'leftOut', leftOutBy, findings: [] };
}

export function namespaceOf(name: string, targets: ReportedCell[]): ReportedNamespace {
  const state = states.find((one) => targets.some((cell) => cell.state === one)) ?? 'leftOut';
  return { name, state, targets };
}

/** The document of some namespaces, with numbers that fit. */
export function documentOf(namespaces: ReportedNamespace[], found: Partial<ReportDocument> = {}): ReportDocument {
  const sorted = namespaces.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const findings = sorted.flatMap(({ targets }) => targets.flatMap((cell) => cell.findings));
  const count = (inside: ReadonlyArray<{ state: State }>) => {
    const counted = Object.fromEntries(
      states.map((state) => [state, inside.filter((one) => one.state === state).length]),
    );
    return counted as Record<State, number>;
  };
  const summary = count(sorted);
  const targetOf = (name: string, registries: string[]) => ({
    name,
    secretName: 'image-pull-secret',
    sources: [`Secret pullsecret-sync-${name}`],
    registries,
    problems: [],
    warnings: [],
    states: count(sorted.flatMap(({ targets }) => targets.filter(({ target }) => target === name))),
  });
  const given = (target: string) =>
    sorted.filter(({ targets }) => targets.some((cell) => cell.target === target && cell.state === 'inLine')).length;
  return {
    reportVersion: 1,
    command: 'status',
    time: '2026-03-02T09:41:00.000Z',
    version: '0.2.0',
    release: 'registry-access/pullsecret-sync',
    context: 'production-eu',
    verdict: summary.drift + summary.failed > 0 ? 'drift' : 'inLine',
    summary: {
      namespaces: sorted.length,
      selected: sorted.length - summary.leftOut,
      states: summary,
      actions: findings.filter(({ type }) => type === 'action').length,
      conflicts: findings.filter(({ type }) => type === 'conflict').length,
      stuckPods: 0,
    },
    problems: [],
    lastRun: { finished: '2026-03-02T09:40:12.000Z', exitCode: summary.failed > 0 ? 1 : 0, failures: [] },
    targets: [
      targetOf('payments', ['registry.example.com', 'registry.example.com/payments']),
      targetOf('default', ['ghcr.io', 'https://index.docker.io/v1/', 'registry.example.com']),
    ],
    namespaces: sorted,
    registries: [
      { host: 'ghcr.io', targets: ['default'], namespaces: given('default') },
      { host: 'https://index.docker.io/v1/', targets: ['default'], namespaces: given('default') },
      {
        host: 'registry.example.com',
        targets: ['payments', 'default'],
        namespaces: given('payments') + given('default'),
      },
      { host: 'registry.example.com/payments', targets: ['payments'], namespaces: given('payments') },
    ],
    stuckPods: [],
    writers: [],
    withheldRemovals: 0,
    withheldReferences: 0,
    ...found,
  };
}

const hostile = [
  '<script>globalThis.hacked = 1</script><img src=x onerror="globalThis.hacked = 1">',
  '"><svg onload=globalThis.hacked=1>&amp;{{{style}}}</style></script>',
  'قال الخادم: لا \u202egnp.exe\u202c مرحبا',
  '```\n# title\n| a | b |\n@all #1 !2 [x](javascript:alert(1)) *x* _y_ `z` ~~w~~ :boom: <!-- -->',
  '\u001b[31mred\u001b[0m \u0000 \u0007 \ud800 \ufffe ]]> %0A',
];

/** All that is nasty at once: markup and control characters in messages, very long names, unicode, and every state. */
export function nastyReport(): ReportDocument {
  const longName = 'n'.repeat(63);
  const finding = (message: string): Finding => ({ ...kept, message, fix: message, details: { owner: message } });
  const problem = (message: string) => ({ message, fix: message });
  const namespaces = [
    ...reportOf(12).namespaces,
    namespaceOf(longName, [cellOf('payments', 'conflict', hostile.map(finding)), cellOf('default', 'blocked')]),
    namespaceOf('team-hostile', [
      leftOut('payments', 'selector'),
      cellOf('default', 'failed', [quota, ...hostile.map(finding)]),
    ]),
    namespaceOf('unwanted', [
      leftOut('payments', 'annotation'),
      leftOut('default', 'exclude'),
      cellOf(null, 'drift', [{ ...createCopy, kind: 'deleteCopy', message: 'delete copy' }]),
    ]),
  ];
  const whole = documentOf(namespaces);
  return {
    ...whole,
    verdict: 'incomplete',
    context: hostile[0] ?? '',
    problems: hostile.map(problem),
    targets: whole.targets.map((target) => ({ ...target, problems: hostile.map(problem), warnings: hostile })),
    lastRun: {
      finished: hostile[1] ?? '',
      exitCode: 1,
      failures: hostile.map((text) => ({ namespace: null, ...problem(text) })),
    },
    stuckPods: [
      {
        namespace: 'team-hostile',
        name: `app-${'x'.repeat(200)}`,
        image: `registry.example.com/${'very-long/'.repeat(20)}app@sha256:${'0'.repeat(64)}`,
        secretName: 'image-pull-secret',
        controller: 'ReplicaSet/app',
        fix: 'kubectl delete pod app --namespace team-hostile',
      },
    ],
    writers: [{ writer: hostile[0] ?? '', namespaces: ['team-hostile', longName], fix: hostile[3] ?? '' }],
    registries: [...whole.registries, { host: '*.'.repeat(60), targets: ['default'], namespaces: 0 }],
  };
}

/** Nothing that any target selects. */
export function emptyReport(): ReportDocument {
  return documentOf(
    ['kube-system', 'kube-public'].map((name) =>
      namespaceOf(name, [leftOut('payments', 'system'), leftOut('default', 'system')]),
    ),
  );
}
