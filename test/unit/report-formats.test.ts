import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DOMParser, parseHTML } from 'linkedom';
import { marked } from 'marked';
import { validateXML } from 'xmllint-wasm';
import type { ReportDocument } from '../../job/src/report/document/report-document.ts';
import { renderDocument } from '../../job/src/report/formats/render-document.ts';
import type { TextStyle } from '../../job/src/terminal/text-style.ts';
import {
  cellOf,
  documentOf,
  emptyReport,
  leftOut,
  namespaceOf,
  nastyReport,
  reportOf,
} from '../support/report-documents.ts';

const removal = { type: 'action', fix: null, details: {} } as const;
const schema = await readFile(join(import.meta.dirname, '..', 'fixtures', 'junit.xsd'), 'utf8');

/** The test cases of a document, as `<classname> <name>: <outcome>`. */
function casesOf(document: ReportDocument): string[] {
  const xml = new DOMParser().parseFromString(renderDocument(document, 'junit'), 'text/xml');
  return [...xml.querySelectorAll('testcase')].map((one) => {
    const outcome = one.firstElementChild?.localName ?? 'passed';
    return `${one.getAttribute('classname')} ${one.getAttribute('name')}: ${outcome}`;
  });
}

for (const [name, document] of [
  ['a plain cluster', reportOf(30)],
  ['all that is nasty', nastyReport()],
  ['nothing selected', emptyReport()],
  ['no namespaces', documentOf([])],
] as const) {
  test(`JUnit is valid XML of the schema that the readers of such reports share: ${name}`, async () => {
    const xml = renderDocument(document, 'junit');

    const { valid, errors } = await validateXML({ xml: [{ fileName: 'report.xml', contents: xml }], schema: [schema] });

    assert.ok(valid, errors.map(({ message }) => message).join('\n'));
  });
}

test('in JUnit each namespace is a test of each target, and each state has its outcome', () => {
  const other = leftOut('payments', 'include');
  const document = documentOf([
    namespaceOf('a', [other, cellOf('default', 'inLine')]),
    namespaceOf('b', [other, cellOf('default', 'drift')]),
    namespaceOf('c', [other, cellOf('default', 'failed')]),
    namespaceOf('d', [other, cellOf('default', 'conflict')]),
    namespaceOf('e', [cellOf('payments', 'blocked'), leftOut('default', 'otherTarget'), cellOf(null, 'drift')]),
  ]);

  assert.deepEqual(casesOf(document), [
    'pullsecret-sync the cluster can be looked at: passed',
    'payments the sources are in order: passed',
    'default the sources are in order: passed',
    ...['a', 'b', 'c', 'd'].map((name) => `payments ${name}: skipped`),
    'payments e: error',
    'default a: passed',
    'default b: failure',
    'default c: failure',
    'default d: skipped',
    'default e: skipped',
    'image-pull-secret e: failure',
  ]);
});

test('a failure in JUnit says what and, where a person has to act, the fix', () => {
  const xml = renderDocument(documentOf([namespaceOf('c', [cellOf('default', 'failed')])]), 'junit');

  assert.match(xml, /<failure type="failed" message="cannot create secrets [^"]*">cannot create .*\nFix: raise the /);
});

test('what concerns no namespace is an error in JUnit, so that an empty look is no success', () => {
  const problems = [{ message: 'cannot list namespaces', fix: 'grant it' }];
  const document = documentOf([], { verdict: 'incomplete', problems });

  assert.equal(casesOf(document)[0], 'pullsecret-sync the cluster can be looked at: error');
});

test('in Markdown nothing that others wrote is markup, a mention or a link', async () => {
  const { document } = parseHTML(await marked(renderDocument(nastyReport(), 'markdown')));

  assert.equal(document.querySelectorAll('script, img, svg, a, h1, em, del').length, 0);
  const outside = [...document.querySelectorAll('code, pre')].map((one) => one.remove());
  assert.ok(outside.length > 0);
  assert.doesNotMatch(document.toString(), /@all|#1|javascript:|:boom:|hacked/);
});

test('Markdown has the summary first, and all that is not in line folded', async () => {
  const { document } = parseHTML(await marked(renderDocument(reportOf(120), 'markdown')));

  assert.match(document.querySelector('h3')?.textContent ?? '', /A run would change something in \d namespaces/);
  const rows = [...document.querySelectorAll('table')][0]?.querySelectorAll('tbody tr') ?? [];
  assert.deepEqual(
    [...rows].map((row) => row.querySelector('td')?.textContent),
    ['payments', 'default'],
  );
  assert.match(document.querySelector('details summary')?.textContent ?? '', /^failed: target default, 1 namespace$/);
  assert.match(document.querySelector('details pre')?.textContent ?? '', /exceeded quota.*\nFix: raise/);
});

test('a Markdown of ten thousand namespaces that all drift fits into a comment', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `team-${index}`);
  const drift = documentOf(names.map((name) => namespaceOf(name, [cellOf('default', 'drift')])));

  assert.ok(renderDocument(drift, 'markdown').length < 65_536);
});

test('text has every namespace where they are few, and of many those that are not in line', () => {
  const few = renderDocument(reportOf(4), 'text');
  const many = renderDocument(reportOf(120), 'text');

  assert.match(few, /^NAMESPACE +payments +default$/m);
  assert.match(few, /^billing-dev +left out: not included +in line$/m);
  assert.doesNotMatch(many, /^billing-dev +/m);
  assert.match(many, /^\d+ of 122 namespaces shown; \d+ in line, 2 left out\. All: --output json$/m);
  assert.match(many, /^drift: target default, 2 namespaces\n {2}in .*\n {2}create copy\n/m);
});

const coloured: TextStyle = { columns: 80, paint: (colour, text) => `<${colour}>${text}</>` };
const plain = (text: string) => text.replaceAll(/<\/?\w*>/g, '');

test('in the text of a status each state has its colour, which takes no place in the table', () => {
  const text = renderDocument(reportOf(12), 'text', coloured);

  assert.match(text, /^billing-dev +<dim>left out<\/>: not included +<green>in line<\/>$/m);
  assert.match(text, /^<red>failed<\/>: target default, 1 namespace$/m);
  assert.match(text, /^<yellow>drift<\/>: target default, 1 namespace$/m);
  assert.equal(plain(text), renderDocument(reportOf(12), 'text', { ...coloured, paint: (_, part) => part }));
});

test('a table that is wider than the terminal becomes a list of the same', () => {
  const text = renderDocument(reportOf(4), 'text', { columns: 40, paint: (_, part) => part });

  assert.match(text, /^billing-dev\n {2}payments: left out: not included\n {2}default: in line$/m);
  assert.doesNotMatch(text, /NAMESPACE/);
});

test('in the text of a plan what comes, changes and goes has its colour', () => {
  const unwanted = cellOf(null, 'drift', [{ ...removal, kind: 'deleteCopy', message: 'delete copy' }]);
  const document = documentOf([namespaceOf('a', [cellOf('default', 'drift'), unwanted, cellOf('team', 'conflict')])]);

  const text = renderDocument({ ...document, command: 'plan' }, 'text', coloured);

  assert.match(text, /^ {2}<green>create copy<\/> {2}secret=image-pull-secret$/m);
  assert.match(text, /^ {2}<red>delete copy<\/> {2}secret=image-pull-secret$/m);
  assert.match(text, /^ {2}<yellow>the Secret belongs to [^<]*<\/> {2}.*owner=kubectl\n {4}Fix: set onConflict/m);
});

test('text steers no terminal, and turns no line round', () => {
  const text = renderDocument(nastyReport(), 'text');

  assert.doesNotMatch(text, /(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\p{Cs}/u);
  assert.match(text, /\\u\{1b\}\[31mred/);
});

test('programs get what others wrote as it is', () => {
  const report = nastyReport();

  assert.deepEqual(JSON.parse(renderDocument(report, 'json')), report);
});
