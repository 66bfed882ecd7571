import { isUtf8 } from 'node:buffer';
import { isRecord, parseJson } from '../json.ts';
import type { DockerConfigFormat } from './docker-config.ts';
import { foldKey, foldKeys } from './json-fields.ts';
import { findRepeatedKeys, type RepeatedKeys } from './repeated-keys.ts';

/** What is wrong with a whole docker config: what is said after the source's name, and what to do. */
export interface DocumentFault {
  is: string;
  fix: string;
}

/** A docker config with nothing judged but the whole of it. */
export interface DockerConfigDocument {
  /** The entries by registry, as it is written. */
  auths: Record<string, unknown>;
  repeated: RepeatedKeys;
  /** What is wrong with it if no entry counts. */
  ifEmpty: DocumentFault;
}

/** @param content the config as it is stored, or its text */
export function readDocument(
  content: Uint8Array | string,
  format: DockerConfigFormat,
): DockerConfigDocument | DocumentFault {
  const text = textOf(content);
  if (text === undefined) {
    // Decoded all the same, its bytes would become other ones without a word, and with them a password.
    return {
      is: 'is not UTF-8 text',
      fix: 'save it as UTF-8 (Windows PowerShell writes UTF-16 unless told otherwise); a password of other bytes goes into "auth", in base64',
    };
  }
  const parsed = parseJson(text);
  if (!isRecord(parsed)) return noObject(text);
  const document = foldKeys(parsed);
  const bare = format === 'dockercfg' || (format === 'file' && looksLikeDockercfg(document));
  const repeated = findRepeatedKeys(text, bare);
  if (repeated.auths) {
    return { is: 'has "auths" twice, and not every reader takes both', fix: 'put the registries of both into one' };
  }
  const auths = bare ? parsed : document.auths;
  const ifEmpty = noAuths(document);
  if (!isRecord(auths)) return ifEmpty;
  if (helperOf(document) && Object.values(auths).every(isEmptyEntry)) return ifEmpty;
  return { auths, repeated, ifEmpty };
}

/** `undefined` where the bytes are no UTF-8. Windows editors begin a file with a byte order mark, which goes. */
function textOf(content: Uint8Array | string): string | undefined {
  if (typeof content === 'string') return content.replace(/^\ufeff/, '');
  return isUtf8(content) ? textOf(Buffer.from(content).toString('utf8')) : undefined;
}

function noObject(text: string): DocumentFault {
  if (isRecord(parseJson(Buffer.from(text, 'base64').toString('utf8')))) {
    return {
      is: 'is base64 of a JSON object and not the object itself',
      fix: 'encode it once only: "data" of a Secret takes base64, "stringData" and files take the JSON as it is',
    };
  }
  return {
    is: text.trim() === '' ? 'is empty' : 'is not a JSON object',
    fix: 'give it the content of a docker config.json, e.g. {"auths":{"registry.example.com":{"auth":"…"}}}',
  };
}

function noAuths(document: Record<string, unknown>): DocumentFault {
  const helper = helperOf(document);
  if (helper) {
    return {
      is: `keeps its credentials in a helper ("${helper}") and holds none itself`,
      fix: 'Docker Desktop and credential helpers write such files: give username and password, or use the file that "docker login" writes without "credsStore"',
    };
  }
  return {
    is: 'has no "auths" with credentials in it',
    fix: 'give it at least one registry with "auth", or "username" and "password"',
  };
}

const helperKeys = ['credsStore', 'credHelpers'];

/** The key of a config.json by which a program outside keeps its credentials. */
function helperOf(document: Record<string, unknown>): string | undefined {
  return helperKeys.find((key) => document[foldKey(key)] !== undefined);
}

/** What `docker login` leaves where a helper has the credentials. */
function isEmptyEntry(entry: unknown): boolean {
  return isRecord(entry) && Object.keys(entry).every((field) => foldKey(field) === 'email');
}

/** A legacy file is the bare map: hosts at the top, none of a config.json's own keys. */
function looksLikeDockercfg(document: Record<string, unknown>): boolean {
  if (['auths', ...helperKeys].some((key) => foldKey(key) in document)) return false;
  return Object.values(document).some((entry) => {
    const fields = isRecord(entry) ? Object.keys(entry).map(foldKey) : [];
    return fields.includes('auth') || fields.includes('username');
  });
}
