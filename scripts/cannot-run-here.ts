/** This machine lacks something: one sentence that says what, and what to install. Whatever else fails is a fault. */
export class CannotRunHere extends Error {
  override name = 'CannotRunHere';
}
