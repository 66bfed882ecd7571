/** One way to log in that a server offers in a `WWW-Authenticate` header. */
export interface Challenge {
  /** In lower case, e.g. `bearer`. */
  scheme: string;
  /** By name in lower case. */
  parameters: ReadonlyMap<string, string>;
}

/** What a server wants: a login with every request, or a token that another server gives for the login. */
export type WantedLogin = { scheme: 'basic' } | { scheme: 'bearer'; realm: string; service: string | undefined };

const separator = /[\s,]*/y;
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
/** What a scheme such as Negotiate has in place of parameters. */
const token68 = /[ \t]+[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))/y;
/** Quoted, with any character escaped; or without quotes, more lenient than RFC 9110, since some leave them out of URLs. */
const parameterValue = /\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;

/**
 * Reads `WWW-Authenticate` as RFC 9110 has it: several challenges in one header or in several, each with parameters, and
 * commas between all of these. It stops at what is no such thing, and keeps what came before.
 */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  return headers.flatMap(parseHeader);
}

/** A token where one is offered, as docker and the kubelet's runtimes choose; `undefined` where neither is. */
export function chooseLogin(challenges: readonly Challenge[]): WantedLogin | undefined {
  for (const { scheme, parameters } of challenges) {
    const realm = parameters.get('realm');
    if (scheme === 'bearer' && realm) return { scheme, realm, service: parameters.get('service') };
  }
  return challenges.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : undefined;
}

function parseHeader(header: string): Challenge[] {
  const challenges: Array<{ scheme: string; parameters: Map<string, string> }> = [];
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    next(separator);
    const name = next(token)?.[0].toLowerCase();
    if (name === undefined) return challenges;
    const value = next(parameterValue);
    const parameters = challenges.at(-1)?.parameters;
    if (!value) {
      challenges.push({ scheme: name, parameters: new Map() });
      next(token68);
    } else if (parameters && !parameters.has(name)) {
      parameters.set(name, value[1]?.replace(/\\(.)/g, '$1') ?? value[2] ?? '');
    }
  }
}
