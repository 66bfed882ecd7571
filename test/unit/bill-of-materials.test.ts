import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { version } from '../../job/src/version.ts';
import { mayBeBundled } from '../../scripts/supply-chain/licences.ts';

interface Component {
  group?: string;
  name: string;
  version: string;
  purl: string;
  licenses: Array<{ license?: { id: string }; expression?: string }>;
}

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const bill = JSON.parse(read('dist/pullsecret-sync.cdx.json'));
const components: Component[] = bill.components;
const fullName = ({ group, name }: Component) => (group ? `${group}/${name}` : name);

suite('the bill of materials', () => {
  test('is of this version, and says nothing of when and where it was made', () => {
    assert.deepEqual([bill.bomFormat, bill.specVersion], ['CycloneDX', '1.6']);
    assert.equal(bill.metadata.component.purl, `pkg:npm/pullsecret-sync@${version}`);
    assert.deepEqual([bill.serialNumber, bill.metadata.timestamp], [undefined, undefined]);
    assert.ok(!JSON.stringify(bill).includes(root));
  });

  test('names the packages whose licences go with the bundle, and no other', () => {
    const noticed = [...read('dist/NOTICES.txt').matchAll(/^(\S+ \d+\.\d+\.\d+\S*) \(.+\)$/gm)].map(([, name]) => name);

    assert.deepEqual(components.map((one) => `${fullName(one)} ${one.version}`).toSorted(), noticed.toSorted());
  });

  test('names what is in the bundle, and not what only builds and tests', () => {
    const names = components.map(fullName);

    assert.ok(names.includes('@kubernetes/client-node') && names.includes('handlebars'));
    for (const name of Object.keys(JSON.parse(read('package.json')).devDependencies)) assert.ok(!names.includes(name));
  });

  test('has version, address and licence of each', () => {
    const { packages } = JSON.parse(read('package-lock.json'));
    const locked = Object.entries<{ version: string }>(packages).map(([path, one]) => `${path} ${one.version}`);
    for (const component of components) {
      const name = fullName(component);
      assert.ok(
        locked.some((one) => one.endsWith(`node_modules/${name} ${component.version}`)),
        name,
      );
      assert.ok(component.purl.startsWith(`pkg:npm/${name.replace('@', '%40')}@${component.version}`), component.purl);
      const licences = component.licenses.map(({ license, expression }) => license?.id ?? expression);
      assert.ok(licences.length > 0 && licences.every(mayBeBundled), name);
    }
  });
});
