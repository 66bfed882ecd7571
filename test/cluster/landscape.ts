import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions, type V1Secret } from '@kubernetes/client-node';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { releaseNamespace, secretName, sourceSecret, startTestCluster, type TestCluster } from './support.ts';

export type Tier = 'default' | 'gold';

/** A namespace as people left it. */
export interface Place {
  name: string;
  /** Whose login its copy has to hold. */
  tier: Tier;
  /** Somebody has a Secret of the copy's name there, which is kept as it is, or adopted. */
  foreignCopy: 'none' | 'kept' | 'adopted';
  excluded: boolean;
  /** The pull secrets that people name in its ServiceAccount `default`. */
  list: string[];
}

/** What people did, as a test has it: what has to be is told from this and nothing else. */
export interface Book {
  places: Map<string, Place>;
  /** The logins that are right, as `username:password`. */
  logins: Record<Tier, string>;
  /** All that ever were. */
  everyLogin: string[];
  /** The Secrets that people made, as they were then, by namespace and name. */
  foreign: Map<string, V1Secret>;
  /** UIDs of copies that were right once, by namespace. Who gives reason to make one anew takes it out. */
  copies: Map<string, string>;
}

/** Namespaces with much in them that is not the job's, and must not be lost. */
export interface Landscape extends AsyncDisposable {
  cluster: TestCluster;
  core: CoreV1Api;
  book: Book;
}

/** What people annotated and labelled, on ServiceAccounts and Secrets alike. */
export const owner = { labels: { 'example.com/team': 'x' }, annotations: { 'example.com/owner': 'somebody, x@y' } };
/** A ServiceAccount that no target includes. */
export const builder = { name: 'builder', list: ['builder-own', 'builder-other'] };

/** How people's patches are meant: what they do not name stays. */
export const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

/** The Secrets that the logins come from. */
export const sources: Record<Tier, string> = { default: 'external', gold: 'gold' };
const teams = 32;
const values = {
  existingSecrets: [sources.default],
  // So that a run takes long enough to step into.
  concurrency: 4,
  profiles: {
    gold: { existingSecrets: [sources.gold], namespaces: { selector: { matchLabels: { tier: 'gold' } } } },
    adopting: {
      existingSecrets: [sources.default],
      onConflict: 'adopt',
      namespaces: { selector: { matchLabels: { adopt: 'true' } } },
    },
  },
  follow: { enabled: true },
};

/** Ready to be filled: no run was yet. */
export async function startLandscape(): Promise<Landscape> {
  await using started = new AsyncDisposableStack();
  const cluster = started.use(await startTestCluster());
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(cluster.controlPlane.kubeconfig);
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const logins = { default: uniqueLogin('the-first-one'), gold: `gold:${uniquePassword('the-first-gold-one')}` };
  const book: Book = {
    places: new Map(),
    logins,
    everyLogin: Object.values(logins),
    foreign: new Map(),
    copies: new Map(),
  };
  const places = Array.from({ length: teams }, (_, index) => placeAt(index));

  await cluster.createNamespaces(releaseNamespace, ...places.map(({ name }) => name));
  await Promise.all(places.map((place) => furnish(core, place)));
  await cluster.applyObjects(sourceSecret(sources.default, logins.default), sourceSecret(sources.gold, logins.gold));
  for (const place of places) book.places.set(place.name, place);
  for (const secret of (await core.listSecretForAllNamespaces()).items) {
    const { namespace = '', name } = secret.metadata ?? {};
    if (namespace !== releaseNamespace) book.foreign.set(`${namespace}/${name}`, secret);
  }
  await cluster.install(values);
  for (const name of [releaseNamespace, 'default']) book.places.set(name, { ...plain, name });
  const parts = started.move();
  return { cluster, core, book, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

const plain: Omit<Place, 'name'> = { tier: 'default', foreignCopy: 'none', excluded: false, list: [] };

/** A ninth of the namespaces each has a foreign copy that is kept, one that is adopted, the other tier, and is left out. */
function placeAt(index: number): Place {
  const place: Place = { ...plain, name: `team-${index}`, list: index % 2 === 0 ? [] : ['own', `own-${index}`] };
  switch (index % 9) {
    case 0:
      return { ...place, foreignCopy: 'kept' };
    case 1:
      return { ...place, foreignCopy: 'adopted' };
    case 2:
      return { ...place, tier: 'gold' };
    case 3:
      return { ...place, excluded: true };
    default:
      return place;
  }
}

/** Gives a namespace its labels, and what people have in it. */
async function furnish(core: CoreV1Api, { name: namespace, tier, foreignCopy, excluded, list }: Place): Promise<void> {
  const metadata = {
    labels: { ...(tier === 'gold' ? { tier } : {}), ...(foreignCopy === 'adopted' ? { adopt: 'true' } : {}) },
    annotations: excluded ? { 'pullsecret-sync.io/exclude': 'true' } : {},
  };
  const account = (names: string[]) => ({
    imagePullSecrets: names.map((name) => ({ name })),
    secrets: [{ name: 'own' }],
  });
  const secret = (name: string) =>
    sourceSecret(name, `somebody:${uniquePassword('else')}`, 'registry.somebody.example', namespace);
  await Promise.all([
    core.patchNamespace({ name: namespace, body: { metadata } }, merge),
    core.patchNamespacedServiceAccount(
      { namespace, name: 'default', body: { metadata: owner, ...account(list) } },
      merge,
    ),
    core.createNamespacedServiceAccount({
      namespace,
      body: { metadata: { name: builder.name, ...owner }, ...account(builder.list) },
    }),
    ...(foreignCopy === 'none' ? ['own'] : ['own', secretName]).map((name) =>
      core.createNamespacedSecret({ namespace, body: { ...secret(name), metadata: { name, ...owner } } }),
    ),
  ]);
}
