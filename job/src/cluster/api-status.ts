import { isRecord, parseJson } from '../json.ts';
import { ClusterError, type ClusterErrorKind, type RequestName } from './cluster-error.ts';

/** The part of a Kubernetes `Status` object that tells one refusal from another. */
interface ApiStatus {
  message: string;
  reason: string;
  details: { kind: string; causes: Array<{ reason: string; field: string }> };
}

/** A policy or webhook that says no. */
const denial = /is forbidden: \w+AdmissionPolicy|admission webhook/;
/** A webhook that says nothing, where its failurePolicy makes that a no. */
const brokenWebhook = /failed calling webhook "([^"]*)"/;
const webhookCause =
  /connection refused|no route to host|no such host|context deadline exceeded|no endpoints available for service "[^"]*"|service "[^"]*" not found|x509: [a-z ]+/;

/**
 * Turns an API server's refusal into a {@link ClusterError}.
 *
 * A 403 has four meanings and a denied request may be a 403 or a 422; the status text is the only thing that tells
 * them apart. The text is quoted only where it says who refuses and holds nothing of the object.
 */
export function clusterError(request: RequestName, httpStatus: number, body: unknown): ClusterError {
  if (isMisleading(httpStatus) && typeof body === 'string' && isPage(body))
    return notFromApiServer(request, httpStatus);
  const status = readStatus(body);
  const kind = classify(httpStatus, status);
  return new ClusterError(kind, request, reason(kind, httpStatus, status), httpStatus);
}

/** Whatever stands before an API server means the same by 413, 429 and a fault of its own. */
function isMisleading(httpStatus: number): boolean {
  return httpStatus < 500 && httpStatus !== 413 && httpStatus !== 429;
}

/**
 * Whether it is a page for people. No API server sends one but a load balancer or a portal before it, and it says nothing
 * of the object: a 404 of theirs does not mean that there is none.
 */
export function isPage(text: string): boolean {
  return text.trimStart().startsWith('<');
}

/** @param httpStatus of the answer that came in place of the API server's */
export function notFromApiServer(request: RequestName, httpStatus: number): ClusterError {
  return new ClusterError(
    'unreachable',
    request,
    `something else answers in its place (HTTP ${httpStatus})`,
    httpStatus,
  );
}

function classify(httpStatus: number, { message, details }: ApiStatus): ClusterErrorKind {
  switch (httpStatus) {
    case 401:
      return 'unauthorized';
    case 403:
      if (details.causes.some(({ reason }) => reason === 'NamespaceTerminating')) return 'namespaceGone';
      if (message.includes('exceeded quota:')) return 'quota';
      return /^\S+ ("[^"]*" )?is forbidden: User "/.test(message) ? 'forbidden' : 'denied';
    case 404:
      return details.kind === 'namespaces' ? 'namespaceGone' : 'notFound';
    case 409:
      return 'conflict';
    case 410:
      return 'expired';
    case 413:
      return 'tooLarge';
    case 422:
      if (denial.test(message)) return 'denied';
      return details.causes.some(({ reason }) => reason === 'FieldValueTooLong') ? 'tooLarge' : 'invalid';
    case 429:
      return 'throttled';
    default:
      if (brokenWebhook.test(message)) return 'webhookFailed';
      if (httpStatus < 500) return denial.test(message) ? 'denied' : 'invalid';
      return 'server';
  }
}

function reason(kind: ClusterErrorKind, httpStatus: number, { message, reason: word, details }: ApiStatus): string {
  switch (kind) {
    case 'forbidden':
    case 'quota':
    case 'denied':
      return message;
    case 'conflict':
      return 'it appeared or changed since it was observed';
    case 'namespaceGone':
      return 'the namespace is being deleted or gone';
    case 'webhookFailed': {
      // What a webhook answered may quote the object, so only its name and a known cause are told.
      const name = brokenWebhook.exec(message)?.[1];
      return [`the admission webhook "${name}" cannot be called`, ...(webhookCause.exec(message) ?? [])].join(': ');
    }
    case 'expired':
      return `the list changed faster than it could be read, several times (HTTP ${httpStatus})`;
    case 'tooLarge':
      return `it is too large (${[`HTTP ${httpStatus}`, ...causes(details)].join(', ')})`;
    case 'invalid':
      // Messages of a 422 quote the value; causes are words such as FieldValueInvalid, with the path of the field.
      return `the API server finds it invalid (${[`HTTP ${httpStatus}`, word, ...causes(details)].filter(Boolean).join(', ')})`;
    default:
      return [`HTTP ${httpStatus}`, word].filter(Boolean).join(' ');
  }
}

function causes({ causes }: ApiStatus['details']): string[] {
  return causes.map(({ reason, field }) => (field ? `${reason} in ${field}` : reason));
}

function readStatus(body: unknown): ApiStatus {
  const status = typeof body === 'string' ? parseJson(body) : body;
  const root = isRecord(status) ? status : {};
  const details = isRecord(root.details) ? root.details : {};
  const causes = Array.isArray(details.causes) ? details.causes : [];
  return {
    message: text(root.message),
    reason: text(root.reason),
    details: {
      kind: text(details.kind),
      causes: causes
        .filter(isRecord)
        .map((cause) => ({ reason: text(cause.reason), field: text(cause.field) }))
        .filter(({ reason }) => reason !== ''),
    },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
