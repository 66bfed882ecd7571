import { parseConfig, type Target } from '../../job/src/config/config.ts';

/** A target's rules, in the words of the configuration and of the chart's values. What is left out has its default. */
export interface Rules {
  namespaces?: object;
  serviceAccounts?: object;
}

/** A target with rules, or with whatever else of it is given, as the job reads it. */
export function targetWith(rules: object = {}): Target {
  const sources = [{ secret: 'source' }];
  const targets = [{ name: 'default', secretName: 'image-pull-secret', sources, ...rules }];
  const config = parseConfig(JSON.stringify({ release: 'registry-access/pullsecret-sync', targets }), 'test');
  return config.targets[0] as Target;
}

export interface Subject {
  name: string;
  /** Of a namespace; the API server adds `kubernetes.io/metadata.name`. */
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface SelectionCase {
  because: string;
  rules: Rules;
  namespace: Subject;
  /** Default: `default`. */
  serviceAccount?: Subject;
  /** Whether the target adds its reference to the ServiceAccount. */
  selected: boolean;
}

const ours = 'pullsecret-sync.io/exclude';
const theirs = 'k8s.titansoft.com/imagepullsecret-patcher-exclude';

// The API server holds one namespace of a name, so a name has the same labels and annotations in all cases.
const plain = { name: 'team-a' };
const other = { name: 'team-b' };
const shop = { name: 'shop' };
const shopDev = { name: 'shop-dev' };
const shopDev2 = { name: 'shop-dev-2' };
const prod = { name: 'live', labels: { stage: 'prod' } };
const prodEu = { name: 'live-eu', labels: { stage: 'prod', 'example.com/region': 'eu_west-1.a' } };
const staging = { name: 'rehearsal', labels: { stage: 'test' } };
const unset = { name: 'unset', labels: { stage: '' } };
const excluded = { name: 'excluded', annotations: { [ours]: 'true' } };
const excludedProd = { name: 'excluded-live', labels: { stage: 'prod' }, annotations: { [ours]: 'true' } };
const patcherExcluded = { name: 'excluded-before', annotations: { [theirs]: 'true' } };

const everything: Rules = {};
const teams: Rules = { namespaces: { include: ['team-*'] } };
const dev: Rules = { namespaces: { include: ['*-dev'] } };
const oneLetter: Rules = { namespaces: { include: ['team-?'] } };
const inside: Rules = { namespaces: { include: ['s*p-*v', 'live'] } };
const dotted: Rules = { namespaces: { include: ['team.a', 'shop'] } };
const dottedOut: Rules = { namespaces: { exclude: ['team.a', 'sho.'] } };
const exact: Rules = { namespaces: { include: ['shop', 'team-b'] } };
const teamsButOne: Rules = { namespaces: { include: ['team-*', 'team-b'], exclude: ['*-b'] } };
const withExclude: Rules = { namespaces: { exclude: ['shop*'] } };
const withSystem: Rules = { namespaces: { excludeSystem: false } };
const namedSystem: Rules = { namespaces: { include: ['kube-system', 'openshift-*', 'shop'] } };
const systemButOne: Rules = { namespaces: { excludeSystem: false, exclude: ['kube-p*'] } };
const liveOnly = selecting({ matchLabels: { stage: 'prod' } });
const bothLabels = selecting({ matchLabels: { stage: 'prod', 'example.com/region': 'eu_west-1.a' } });
const emptyLabel = selecting({ matchLabels: { stage: '' } });
const stageIn = selecting({ matchExpressions: [{ key: 'stage', operator: 'In', values: ['prod', 'test'] }] });
const stageNotIn = selecting({ matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['prod', ''] }] });
const stageExists = selecting({ matchExpressions: [{ key: 'stage', operator: 'Exists' }] });
const stageMissing = selecting({ matchExpressions: [{ key: 'stage', operator: 'DoesNotExist' }] });
const allOfIt = selecting({
  matchLabels: { stage: 'prod' },
  matchExpressions: [
    { key: 'example.com/region', operator: 'Exists' },
    { key: 'stage', operator: 'NotIn', values: ['test'] },
  ],
});
const liveShops: Rules = { namespaces: { include: ['live-*'], selector: { matchLabels: { stage: 'prod' } } } };
const byName = selecting({ matchLabels: { 'kubernetes.io/metadata.name': 'team-a' } });
const builders: Rules = { serviceAccounts: { include: ['default', 'build-*'] } };
const allAccounts: Rules = { serviceAccounts: { include: ['*'], exclude: ['ci.*', 'default'] } };
const oneSign: Rules = { serviceAccounts: { include: ['build-?'] } };
const dottedAccount: Rules = { serviceAccounts: { include: ['app.v1'] } };

const system = [
  { name: 'kube-system' },
  { name: 'kube-public' },
  { name: 'kube-node-lease' },
  { name: 'openshift' },
  { name: 'openshift-monitoring' },
];

/** What selects what: the job's TypeScript (test/unit) and the admission policy's CEL (test/cluster) agree with each line. */
export const selectionCases: SelectionCase[] = [
  yes('everything is in by default', everything, plain),
  yes('a label changes nothing without a selector', everything, prod),
  ...system.map((namespace) => no(`${namespace.name} is out by default`, everything, namespace)),
  yes('a name that only begins like a system namespace', everything, { name: 'openshifted' }),
  yes('a name that only ends like a system namespace', everything, { name: 'my-kube-system' }),
  ...system.map((namespace) => yes(`excludeSystem: false lets ${namespace.name} in`, withSystem, namespace)),
  no('naming a system namespace does not let it in', namedSystem, { name: 'kube-system' }),
  no('a glob for system namespaces does not let them in', namedSystem, { name: 'openshift-monitoring' }),
  yes('a name beside a system namespace', namedSystem, shop),
  no('setting exclude does not let system namespaces in', withExclude, { name: 'kube-public' }),
  yes('exclude leaves the others in', withExclude, plain),
  no('exclude without excludeSystem', systemButOne, { name: 'kube-public' }),
  yes('a system namespace that exclude does not name', systemButOne, { name: 'kube-system' }),

  yes('* at the end', teams, plain),
  no('* at the end is no * at the start', teams, { name: 'my-team-a' }),
  no('another name', teams, shop),
  yes('* at the start', dev, shopDev),
  no('* at the start is no * at the end', dev, shopDev2),
  yes('* in the middle, twice', inside, shopDev),
  no('* in the middle does not reach past the end', inside, shopDev2),
  yes('a second glob', inside, prod),
  yes('? is one sign', oneLetter, plain),
  no('? is not two signs', oneLetter, { name: 'team-ab' }),
  no('? is not none', oneLetter, { name: 'team' }),
  no('a dot in include is a dot', dotted, plain),
  yes('a name beside a glob with a dot', dotted, shop),
  yes('a dot in exclude is a dot', dottedOut, plain),
  yes('a dot at the end of exclude is a dot', dottedOut, shop),
  yes('an exact name', exact, other),
  no('an exact name is no start', exact, shopDev),
  no('exclusion wins over a glob and over the exact name', teamsButOne, other),
  yes('what exclusion leaves', teamsButOne, plain),

  no('our annotation on the namespace', everything, excluded),
  no("imagepullsecret-patcher's annotation on the namespace", everything, patcherExcluded),
  yes('our annotation with "false"', everything, { name: 'kept', annotations: { [ours]: 'false' } }),
  yes('our annotation with "True"', everything, { name: 'kept-too', annotations: { [ours]: 'True' } }),
  yes("imagepullsecret-patcher's annotation with an empty value", everything, {
    name: 'kept-as-before',
    annotations: { [theirs]: '' },
  }),
  yes('the annotation as a label is none', everything, { name: 'labelled', labels: { [ours]: 'true' } }),
  no('the annotation wins over the exact name', { namespaces: { include: ['excluded', 'shop'] } }, excluded),
  yes('a name beside it', { namespaces: { include: ['excluded', 'shop'] } }, shop),

  yes('a label that fits', liveOnly, prod),
  no('a label with another value', liveOnly, staging),
  no('no such label', liveOnly, plain),
  no('the annotation wins over the selector', liveOnly, excludedProd),
  yes('both labels fit', bothLabels, prodEu),
  no('one of two labels', bothLabels, prod),
  yes('an empty value that is asked for', emptyLabel, unset),
  no('a missing label is no empty value', emptyLabel, plain),
  yes('In: a listed value', stageIn, staging),
  no('In: another value', stageIn, unset),
  no('In: no label', stageIn, plain),
  yes('NotIn: another value', stageNotIn, staging),
  no('NotIn: a listed value', stageNotIn, prod),
  no('NotIn: a listed empty value', stageNotIn, unset),
  yes('NotIn: no label', stageNotIn, plain),
  yes('Exists: any value', stageExists, staging),
  yes('Exists: an empty value', stageExists, unset),
  no('Exists: no label', stageExists, plain),
  yes('DoesNotExist: no label', stageMissing, plain),
  no('DoesNotExist: an empty value', stageMissing, unset),
  no('DoesNotExist: any value', stageMissing, prod),
  yes('labels and expressions: all fit', allOfIt, prodEu),
  no('labels and expressions: one does not', allOfIt, prod),
  yes('selector and glob both fit', liveShops, prodEu),
  no('a glob without the label', liveShops, { name: 'live-us' }),
  no('a label without the glob', liveShops, prod),
  yes("the API server's own label", byName, plain),
  no("the API server's own label of another", byName, other),

  no('a ServiceAccount that is not default', everything, plain, { name: 'builder' }),
  no('a ServiceAccount whose name begins with default', everything, plain, { name: 'default-2' }),
  no('our annotation on the ServiceAccount', everything, plain, { name: 'default', annotations: { [ours]: 'true' } }),
  yes('our annotation on the ServiceAccount with "false"', everything, plain, {
    name: 'default',
    annotations: { [ours]: 'false' },
  }),
  yes("imagepullsecret-patcher's annotation is one of namespaces", everything, plain, {
    name: 'default',
    annotations: { [theirs]: 'true' },
  }),
  no('the namespace is out, whatever the ServiceAccount', allAccounts, excluded, { name: 'builder' }),
  yes('a ServiceAccount of a glob', builders, plain, { name: 'build-1' }),
  yes('a ServiceAccount beside the glob', builders, plain),
  no('a ServiceAccount of no glob', builders, plain, { name: 'builder' }),
  no('the annotation wins over the glob', builders, plain, { name: 'build-1', annotations: { [ours]: 'true' } }),
  yes('any ServiceAccount', allAccounts, plain, { name: 'builder' }),
  no('an excluded ServiceAccount', allAccounts, plain),
  no('an excluded glob of ServiceAccounts', allAccounts, plain, { name: 'ci.1' }),
  yes('a dot in an excluded glob is a dot', allAccounts, plain, { name: 'ci-1' }),
  yes('? in the name of a ServiceAccount', oneSign, plain, { name: 'build-1' }),
  no('? is not two signs of a ServiceAccount', oneSign, plain, { name: 'build-12' }),
  yes('a dot in the name of a ServiceAccount', dottedAccount, plain, { name: 'app.v1' }),
  no('a dot is no other sign', dottedAccount, plain, { name: 'app-v1' }),
];

function selecting(selector: object): Rules {
  return { namespaces: { selector } };
}

function yes(because: string, rules: Rules, namespace: Subject, serviceAccount?: Subject): SelectionCase {
  return { because, rules, namespace, selected: true, ...(serviceAccount && { serviceAccount }) };
}

function no(because: string, rules: Rules, namespace: Subject, serviceAccount?: Subject): SelectionCase {
  return { ...yes(because, rules, namespace, serviceAccount), selected: false };
}
