import { readFile } from 'node:fs/promises';
import { chart } from './support.ts';

export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  definitions?: Record<string, Schema>;
}

export const schema: Schema = JSON.parse(await readFile(`${chart}/values.schema.json`, 'utf8'));

/** The rules themselves, where these only refer to them. */
export function resolved(node: Schema = {}): Schema {
  const [, name = ''] = /^#\/definitions\/(\w+)$/.exec(node.$ref ?? node.allOf?.[0]?.$ref ?? '') ?? [];
  return schema.definitions?.[name] ?? node;
}
