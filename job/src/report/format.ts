/** What `--output` takes. */
export const formats = ['text', 'json', 'yaml', 'markdown', 'html', 'junit'] as const;
export type Format = (typeof formats)[number];
