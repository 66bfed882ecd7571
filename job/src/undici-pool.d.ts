/**
 * The pool by itself. undici's index loads all else that it can do, its second HTTP stack, caches and mocks included, which
 * was a fifth of a start.
 */
declare module 'undici/lib/dispatcher/pool.js' {
  import { Pool } from 'undici';

  export default Pool;
}
