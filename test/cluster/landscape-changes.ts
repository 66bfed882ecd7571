import { until } from '../../scripts/until.ts';
import type { Random } from '../simulation/random.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { type Landscape, merge, type Place, sources, type Tier } from './landscape.ts';
import { releaseNamespace, secretName, sourceSecret } from './support.ts';

const exclude = 'pullsecret-sync.io/exclude';

type Change = (landscape: Landscape, random: Random) => Promise<string>;

/** Rotates both logins, so that there is much to write, and does some other things that people do; what, in words. */
export async function changeMuch(landscape: Landscape, random: Random): Promise<string[]> {
  const said: string[] = [];
  for (const tier of ['default', 'gold'] as const) said.push(await rotate(landscape, tier, random));
  for (let count = 0; count < 4; count++) said.push(await random.pick(changes)(landscape, random));
  return said;
}

async function rotate({ core, book }: Landscape, tier: Tier, random: Random): Promise<string> {
  const login = `${tier}:${uniquePassword(`secret-${random.next().toString(36).slice(2)}`)}`;
  const name = sources[tier];
  await core.patchNamespacedSecret({ namespace: releaseNamespace, name, body: sourceSecret(name, login) }, merge);
  book.logins[tier] = login;
  book.everyLogin.push(login);
  return `rotate ${tier}`;
}

const changes: Change[] = [
  async function deleteCopy({ core, book }, random) {
    const { name: namespace } = pickOurs(book.places, random);
    book.copies.delete(namespace);
    await ifPossible(core.deleteNamespacedSecret({ namespace, name: secretName }));
    return `delete the copy in ${namespace}`;
  },
  async function editCopy({ core, book }, random) {
    const { name: namespace } = pickOurs(book.places, random);
    const data = { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') };
    await ifPossible(core.patchNamespacedSecret({ namespace, name: secretName, body: { data } }, merge));
    return `edit the copy in ${namespace}`;
  },
  async function freezeCopy({ core, book }, random) {
    const { name: namespace } = pickOurs(book.places, random);
    book.copies.delete(namespace);
    await ifPossible(core.patchNamespacedSecret({ namespace, name: secretName, body: { immutable: true } }, merge));
    return `make the copy in ${namespace} immutable`;
  },
  async function overwriteList({ core, book }, random) {
    const place = random.pick([...book.places.values()]);
    place.list = ['own', 'other', 'third'].slice(0, random.below(4)).map((name) => `${name}-${random.below(1000)}`);
    const body = { imagePullSecrets: place.list.map((name) => ({ name })) };
    await core.patchNamespacedServiceAccount({ namespace: place.name, name: 'default', body }, merge);
    return `overwrite the list in ${place.name}`;
  },
  async function createNamespace({ core, book }) {
    const name = `new-${book.places.size}`;
    await core.createNamespace({ body: { metadata: { name } } });
    await until(`${name} has its ServiceAccount`, async () => {
      return (await core.listNamespacedServiceAccount({ namespace: name })).items.length > 0;
    });
    book.places.set(name, { name, tier: 'default', foreignCopy: 'none', excluded: false, list: [] });
    return `create ${name}`;
  },
  async function changeTier({ core, book }, random) {
    const place = pickOurs(book.places, random);
    place.tier = place.tier === 'gold' ? 'default' : 'gold';
    const labels = { tier: place.tier === 'gold' ? 'gold' : null };
    await core.patchNamespace({ name: place.name, body: { metadata: { labels } } }, merge);
    return `give ${place.name} to ${place.tier}`;
  },
  async function changeExclusion({ core, book }, random) {
    const place = random.pick([...book.places.values()].filter(({ foreignCopy }) => foreignCopy === 'none'));
    place.excluded = !place.excluded;
    book.copies.delete(place.name);
    const annotations = { [exclude]: place.excluded ? 'true' : null };
    await core.patchNamespace({ name: place.name, body: { metadata: { annotations } } }, merge);
    return `${place.excluded ? 'exclude' : 'include'} ${place.name}`;
  },
];

/** A namespace whose copy is the job's own. */
function pickOurs(places: ReadonlyMap<string, Place>, random: Random): Place {
  return random.pick([...places.values()].filter(({ foreignCopy, excluded }) => foreignCopy === 'none' && !excluded));
}

/** Nobody can edit or delete a copy that an earlier change deleted, or that is yet to come, nor edit an immutable one. */
async function ifPossible(request: Promise<unknown>): Promise<void> {
  await request.catch((error: { code?: number }) => {
    if (error.code !== 404 && error.code !== 422) throw error;
  });
}
