import type { Mask } from '../credentials/masking.ts';
import { isRecord, parseJson } from '../json.ts';
import type { LoginOutcome } from './registry-login.ts';

/** An answer to a request that carried a login, or a token for one. */
export interface RegistryAnswer {
  status: number;
  /** Whether it names itself as a registry (`Docker-Distribution-Api-Version`). */
  namesItself: boolean;
  /** Empty where it is too long, or not a text for people. */
  text: string;
}

/** A registry's words are cut after this many characters. */
const longestAnswer = 200;
/** Answers of a token server by OAuth 2.0 that are about the login. Source: RFC 6749, 4.1.2.1 and 5.2. */
const loginErrors = ['invalid_grant', 'invalid_client', 'unauthorized_client', 'access_denied'];

/** What an answer says of the login; `undefined` where it says yes. */
export function judgeAnswer(answer: RegistryAnswer, mask: Mask): LoginOutcome | undefined {
  const { status, namesItself, text } = answer;
  if (status === 200) return undefined;
  const body = parseJson(text);
  const said = isRecord(body) ? wordsOf(body) : undefined;
  const isOAuthNo = status === 400 && isRecord(body) && loginErrors.includes(body.error as string);
  // Firewalls and proxies answer 403 too, and know nothing of the login.
  if (status === 401 || isOAuthNo || (status === 403 && (said !== undefined || namesItself))) {
    return { kind: 'refused', answer: [status, oneLine(said ?? text, mask)].filter(Boolean).join(' ') };
  }
  return unusableAnswer(status);
}

/** An answer that says nothing of any login. */
export function unusableAnswer(status: number): LoginOutcome & { kind: 'unreachable' } {
  const no = (reason: string, fix: string) => ({ kind: 'unreachable', reason, fix }) as const;
  if (status === 429) return no('it answers 429: too many requests', 'try again later');
  if (status >= 500) return no(`it answers ${status}, a fault of its own`, 'look at the registry, or try again later');
  if (status >= 300 && status < 400) {
    return no(`it answers ${status} and sends to another address`, 'give the registry by the name of that address');
  }
  return no(
    `it answers ${status}, as no registry does`,
    'check the name of the registry, and whether a proxy or firewall answers in its place',
  );
}

/** What registries and token servers write in their errors. */
function wordsOf({ errors, error, error_description: description, details, message }: Record<string, unknown>) {
  if (Array.isArray(errors)) {
    const [first] = errors;
    return isRecord(first) ? joinWords(first.code, first.message) : '';
  }
  return [error, description, details, message].some((word) => typeof word === 'string')
    ? joinWords(error, description ?? details ?? message)
    : undefined;
}

function joinWords(...words: unknown[]): string {
  return words.filter((word) => typeof word === 'string' && word !== '').join(': ');
}

/** Masked before anything is cut or taken out, so that no part of a credential is left over. */
function oneLine(text: string, mask: Mask): string {
  const line = mask
    .apply(text)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return line.length > longestAnswer ? `${line.slice(0, longestAnswer)}…` : line;
}
