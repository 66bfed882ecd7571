import { maskStrings } from '../credentials/masking.ts';
import { exitCode } from '../exit-code.ts';
import type { Log } from '../log.ts';
import { printable } from '../printable.ts';
import { ProblemError } from '../problem.ts';
import type { Format } from '../report/format.ts';
import type { TextStyle } from '../terminal/text-style.ts';
import { type Chain, firstBroken, type Link, type LinkState } from './chain.ts';
import { isUnseen } from './chain-words.ts';
import { type LookDeps, look } from './look.ts';
import { type ChainFormat, chainFormats, renderAs } from './render-chain.ts';
import { walk } from './walk.ts';

export interface ChainOptions {
  /** What to walk to. */
  asked: { namespace: string; pod?: string };
  exitCode: boolean;
  /** What the standard output gets: a document in a format, or by default the events of a log. */
  format: Format | 'events';
  /** Of the format `text`. */
  style: TextStyle;
  /** Takes what is masked already. */
  write(text: string): void;
}

/** Keys whose values are words of this program. */
const ownWords = new Set(['link', 'state']);

/**
 * `status --namespace` and `status --pod`: walks the chain, shows each link, and names the first that is broken.
 *
 * @throws {ProblemError} exit code 64: the format is one of whole clusters
 */
export async function chainCommand(deps: LookDeps, options: ChainOptions): Promise<number> {
  const { format, style, asked, write } = options;
  if (format !== 'events' && !isChainFormat(format)) throw noSuchFormat(format);
  const found = walk(await look(asked, deps));
  const chain = { ...found, links: found.links.map((link) => fitForLines(maskStrings(link, deps.mask, ownWords))) };
  if (format === 'events') logChain(chain, deps.log);
  else write(renderAs(format, chain, style));
  return chainExitCode(chain, options);
}

/** 1 where there is no such namespace or pod; with `--exit-code` 2 where a link is broken, and 1 where one was not seen. */
function chainExitCode(chain: Chain, options: { exitCode: boolean }): number {
  if (!chain.found) return exitCode.incomplete;
  if (!options.exitCode) return exitCode.ok;
  if (firstBroken(chain)) return exitCode.drift;
  return chain.links.some(isUnseen) ? exitCode.incomplete : exitCode.ok;
}

const levels: Record<LinkState, keyof Log> = { ok: 'info', broken: 'error', unknown: 'warn', notReached: 'info' };

function logChain(chain: Chain, log: Log): void {
  const { namespace, pod, links } = chain;
  const broken = firstBroken(chain);
  for (const link of links) log[levels[link.state]]('link', { namespace, pod, ...link });
  if (broken) log.error('first broken link', { namespace, pod, ...broken });
  else log.info('no link is broken', { namespace, pod });
}

/** Images, messages and labels are anybody's: none of their signs steers a terminal. */
function fitForLines({ about, says, fix, ...link }: Link): Link {
  return {
    ...link,
    ...(about === undefined ? {} : { about: printable(about) }),
    says: printable(says),
    ...(fix === undefined ? {} : { fix: printable(fix) }),
  };
}

function isChainFormat(format: string): format is ChainFormat {
  return (chainFormats as readonly string[]).includes(format);
}

function noSuchFormat(format: Format): ProblemError {
  return new ProblemError(
    {
      message: `--output ${format} shows a whole cluster, and no chain`,
      fix: `choose ${chainFormats.join(', ')}, or leave --namespace and --pod out`,
    },
    exitCode.usage,
  );
}
