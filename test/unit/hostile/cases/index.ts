import type { HostileCase } from '../hostile-case.ts';
import { auths } from './auths.ts';
import { controlsAndOddities } from './controls.ts';
import { dockerTools } from './docker-tools.ts';
import { encodings } from './encodings.ts';
import { names } from './names.ts';
import { otherTools } from './other-tools.ts';
import { passwords } from './passwords.ts';
import { repetitions } from './repetitions.ts';
import { secretTypes } from './secret-types.ts';
import { shapes } from './shapes.ts';
import { sizes } from './sizes.ts';
import { tokens } from './tokens.ts';
import { truncated } from './truncated.ts';

/** Every hostile source, by what is wrong with it. */
export const hostileCases: HostileCase[] = [
  ...truncated,
  ...encodings,
  ...shapes,
  ...auths,
  ...tokens,
  ...passwords,
  ...controlsAndOddities,
  ...repetitions,
  ...names,
  ...secretTypes,
  ...sizes,
  ...dockerTools,
  ...otherTools,
];
