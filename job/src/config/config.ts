import { type Document, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod/mini';
import { exitCode } from '../exit-code.ts';
import { ProblemError } from '../problem.ts';
import { faultSentence, strict } from './config-faults.ts';
import { parseDuration } from './duration.ts';
import { isLabelKey, isLabelValue } from './label-selector.ts';

/** The most that `concurrency` may be, and so the most connections to the API server. */
export const mostConcurrency = 32;

/** The Helm release that owns the copies. */
export interface Release {
  namespace: string;
  name: string;
}

const quoteGlobs = 'quote globs that start with "*", e.g. "*-system"';

const name = z
  .string()
  .check(
    z.regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, { error: 'must be a Kubernetes object name' }),
    z.maxLength(253, { error: 'must have at most 253 characters' }),
  );
const glob = z
  .string()
  .check(z.regex(/^[-a-z0-9.*?]+$/, { error: 'must be a glob of lower-case letters, digits, "-", ".", "*" and "?"' }));
const duration = z.pipe(
  z.string({ error: 'must be a duration such as "60s" or "168h"' }),
  z.transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined) return milliseconds;
    context.issues.push({ code: 'custom', message: 'must be a duration such as "60s" or "168h"', input: text });
    return z.NEVER;
  }),
);
const release = z.pipe(
  z.string({ error: 'must be "<namespace>/<name>" of the Helm release' }).check(
    z.regex(/^[a-z0-9][-a-z0-9]*\/[a-z0-9][-a-z0-9.]*$/, {
      error: 'must be "<namespace>/<name>" of the Helm release',
    }),
  ),
  z.transform((text): Release => {
    const [namespace, releaseName] = text.split('/') as [string, string];
    return { namespace, name: releaseName };
  }),
);

const source = z.union(
  [strict({ secret: name }), strict({ file: z.string().check(z.regex(/^\//, { error: 'must be an absolute path' })) })],
  { error: 'must be either "secret: <name>" or "file: <absolute path>"' },
);

const labelNames = 'at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends';
const badLabelKey = `must be a label's key: ${labelNames}, and before it, if you like, a DNS name and "/"`;
const labelKey = z.string().check(z.refine(isLabelKey, { error: badLabelKey }));
const labelValue = z
  .string({ error: 'must be a string (quote it)' })
  .check(z.refine(isLabelValue, { error: `must be a label's value: nothing, or ${labelNames}` }));
const expression = strict({
  key: labelKey,
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist'], {
    error: 'must be one of In, NotIn, Exists, DoesNotExist',
  }),
  values: z.optional(z.array(labelValue)),
}).check(
  z.refine(({ operator, values = [] }) => operator.endsWith('In') === values.length > 0, {
    error: 'must have values with In and NotIn, and none with Exists and DoesNotExist',
  }),
);
const labelSelector = strict({
  matchLabels: z.optional(
    z.record(labelKey, labelValue, {
      error: ({ code }) => (code === 'invalid_key' ? badLabelKey : 'must be an object of labels'),
    }),
  ),
  matchExpressions: z.optional(z.array(expression)),
});

const target = strict({
  name,
  secretName: name,
  sources: z.array(source).check(z.minLength(1, { error: 'must have at least one source' })),
  namespaces: z.prefault(
    strict({
      include: z._default(z.array(glob).check(z.minLength(1, { error: 'must have at least one glob' })), ['*']),
      exclude: z._default(z.array(glob), []),
      excludeSystem: z._default(z.boolean(), true),
      selector: z._default(labelSelector, {}),
    }),
    {},
  ),
  serviceAccounts: z.prefault(
    strict({
      include: z._default(z.array(glob).check(z.minLength(1, { error: 'must have at least one glob' })), ['default']),
      exclude: z._default(z.array(glob), []),
      skipApplied: z._default(z.boolean(), true),
    }),
    {},
  ),
  onConflict: z._default(z.enum(['keep', 'adopt'], { error: 'must be "keep" or "adopt"' }), 'keep'),
  expires: z._default(z.record(z.string(), z.iso.date({ error: 'must be a date such as "2027-01-31"' })), {}),
});

const config = strict({
  release,
  targets: z.array(target).check(
    z.minLength(1, { error: 'must hold at least one target' }),
    z.refine((targets) => new Set(targets.map(({ name }) => name)).size === targets.length, {
      error: 'must have a name of its own for each target',
    }),
  ),
  previousSecretNames: z._default(z.array(name), []),
  previousServiceAccounts: z._default(z.array(glob), []),
  previousReleases: z._default(z.array(release), []),
  retireAfter: z.prefault(duration, '168h'),
  maxRemovePercent: z._default(z.int().check(z.gte(0), z.lte(100)), 50),
  sourceTimeout: z.prefault(duration, '60s'),
  concurrency: z._default(z.int().check(z.gte(1), z.lte(mostConcurrency)), 16),
  verifyCredentials: z._default(
    z.enum(['off', 'warn', 'enforce'], { error: 'must be "off", "warn" or "enforce"' }),
    'enforce',
  ),
  recreateStuckPods: z.prefault(
    strict({
      enabled: z._default(z.boolean(), false),
      maxPerRun: z._default(z.int().check(z.gte(1), z.lte(1000)), 10),
    }),
    {},
  ),
  events: z.prefault(strict({ enabled: z._default(z.boolean(), true) }), {}),
  // The chart's own objects, which a cleanup stops. What is not named is not there.
  objects: z.prefault(
    strict({
      configMap: z.optional(name),
      cronJob: z.optional(name),
      follower: z.optional(name),
      admissionPolicyBinding: z.optional(name),
    }),
    {},
  ),
});

/** Where credentials come from: a Secret in the release namespace, or a file. */
export type Source = z.output<typeof source>;
/** One secret name, its sources, and where the copies and references belong. */
export type Target = z.output<typeof target>;
/** The job's configuration, checked and with every default filled in. Durations are milliseconds. */
export type Config = z.output<typeof config> & {
  /** Until when runs stand still (ISO 8601), where a cleanup marked the ConfigMap. */
  standStillUntil?: string;
};

/**
 * Reads the job's YAML.
 *
 * @param text the YAML document
 * @param origin where it came from, for messages
 * @throws {ProblemError} exit code 78; it names every fault at once, each with its path
 */
export function parseConfig(text: string, origin: string): Config {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter });
  const [syntaxError] = document.errors;
  if (syntaxError) {
    const hint = syntaxError.code === 'BAD_ALIAS' ? `; ${quoteGlobs}` : '';
    const { line, col } = lineCounter.linePos(syntaxError.pos[0]);
    throw invalid(origin, [`is not YAML (${syntaxError.code} at line ${line}, column ${col})${hint}`]);
  }
  const result = z.safeParse(config, toValue(document, origin), { error: faultSentence });
  if (result.success) return result.data;
  throw invalid(
    origin,
    result.error.issues.map(
      (issue) => `${issue.path.length > 0 ? issue.path.join('.') : 'the document'} ${issue.message}`,
    ),
  );
}

/** The release that a document names, however wrong the rest of it is. */
export function releaseIn(text: string): Release | undefined {
  try {
    return z.safeParse(z.object({ release }), parseDocument(text, { prettyErrors: false }).toJS()).data?.release;
  } catch {
    return undefined;
  }
}

/** YAML reads `*-system` as an alias, and nothing looks for its anchor before the document becomes a value. */
function toValue(document: Document.Parsed, origin: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw invalid(origin, [`is not YAML (an alias that leads nowhere); ${quoteGlobs}`]);
  }
}

function invalid(origin: string, faults: string[]): ProblemError {
  return new ProblemError(
    { message: `the configuration in ${origin} is not valid`, fix: faults.join('; ') },
    exitCode.config,
  );
}
