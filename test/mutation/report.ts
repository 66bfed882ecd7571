import { createHash } from 'node:crypto';

/** Stryker's report, as far as it is read here. Source: mutation-testing-report-schema. */
export interface Report {
  files: Record<string, { source: string; mutants: ReportedMutant[] }>;
}

interface ReportedMutant {
  mutatorName: string;
  replacement?: string;
  status: 'Killed' | 'Survived' | 'NoCoverage' | 'CompileError' | 'RuntimeError' | 'Timeout' | 'Ignored' | 'Pending';
  /** Lines and columns count from 1; the end is the place after. */
  location: { start: Position; end: Position };
}

interface Position {
  line: number;
  column: number;
}

/** How the mutants of a file ended. */
export interface FileResult {
  /** When it was looked at: ISO 8601. */
  day: string;
  /** Of what text; see {@link digestOf}. */
  digest: string;
  /** A test failed, or none came to its end. */
  killed: number;
  /** The file could not even be loaded; they do not count. */
  invalid: number;
  survivors: Survivor[];
}

/** A change that no test noticed. */
export interface Survivor {
  /** The text that was changed, and what it became. Their white space counts as one space. */
  original: string;
  replacement: string;
}

/** The results by file, from the root. */
export function resultsOf({ files }: Report, now = new Date()): Record<string, FileResult> {
  return Object.fromEntries(
    Object.entries(files).map(([file, { source, mutants }]) => {
      const count = (...statuses: ReportedMutant['status'][]) =>
        mutants.filter(({ status }) => statuses.includes(status)).length;
      return [
        file,
        {
          day: now.toISOString().slice(0, 10),
          digest: digestOf(source),
          killed: count('Killed', 'Timeout'),
          invalid: count('CompileError', 'RuntimeError'),
          survivors: mutants
            .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
            .map(({ location, replacement = '' }) => ({
              original: inOneLine(textAt(source, location)),
              replacement: inOneLine(replacement),
            })),
        },
      ];
    }),
  );
}

/** Tells one text of a file from another: a dozen digits of SHA-256. */
export function digestOf(source: string): string {
  return createHash('sha256').update(source).digest('hex').slice(0, 12);
}

function textAt(source: string, { start, end }: ReportedMutant['location']): string {
  const lines = source.split('\n');
  const offset = ({ line, column }: Position) =>
    lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  return source.slice(offset(start), offset(end));
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
