import { ClusterError, type ClusterErrorKind, type RequestName } from './cluster-error.ts';
import { isRecord, parseJson } from './json.ts';

/** The part of a Kubernetes `Status` object that tells one refusal from another. */
interface ApiStatus {
  message: string;
  reason: string;
  details: { kind: string; causes: string[] };
}

/**
 * Turns an API server's refusal into a {@link ClusterError}.
 *
 * A 403 has four meanings and a denied request may be a 403 or a 422; the status text is the only thing that tells
 * them apart. The text is quoted only where it says who refuses and holds nothing of the object.
 */
export function clusterError(request: RequestName, httpStatus: number, body: unknown): ClusterError {
  const status = readStatus(body);
  const kind = classify(httpStatus, status);
  return new ClusterError(kind, request, reason(kind, httpStatus, status), httpStatus);
}

function classify(httpStatus: number, { message, details }: ApiStatus): ClusterErrorKind {
  switch (httpStatus) {
    case 401:
      return 'unauthorized';
    case 403:
      if (details.causes.includes('NamespaceTerminating')) return 'namespaceGone';
      if (message.includes('exceeded quota:')) return 'quota';
      return /^\S+ ("[^"]*" )?is forbidden: User "/.test(message) ? 'forbidden' : 'denied';
    case 404:
      return details.kind === 'namespaces' ? 'namespaceGone' : 'notFound';
    case 409:
      return 'conflict';
    case 422:
      return /is forbidden: ValidatingAdmissionPolicy|admission webhook/.test(message) ? 'denied' : 'invalid';
    case 429:
      return 'throttled';
    default:
      if (httpStatus < 500) return /admission webhook/.test(message) ? 'denied' : 'invalid';
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
    case 'invalid':
      // Messages of a 422 quote the value; causes are words such as FieldValueInvalid.
      return `the API server finds it invalid (${[`HTTP ${httpStatus}`, word, ...details.causes].filter(Boolean).join(', ')})`;
    default:
      return [`HTTP ${httpStatus}`, word].filter(Boolean).join(' ');
  }
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
        .map((cause) => text(cause.reason))
        .filter(Boolean),
    },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
