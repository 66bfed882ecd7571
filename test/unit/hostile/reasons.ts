/** What a message says after the names of source and registry: everything but these is a wrong answer. */
export const reasons = {
  notUtf8: /^is not UTF-8 text$/,
  notJson: /^is not a JSON object$/,
  empty: /^is empty$/,
  encodedTwice: /^is base64 of a JSON object and not the object itself$/,
  noAuths: /^has no "auths" with credentials in it$/,
  helper: /^keeps its credentials in a helper \("(credsStore|credHelpers)"\) and holds none itself$/,
  twoAuths: /^has "auths" twice, and not every reader takes both$/,
  noRegistry: /^: the key of entry \d+ is not the name of a registry$/,
  noObject: /^: the entry for \S+ is not an object$/,
  noString: /^: the entry for \S+ has a "(auth|username|password)" that is not a string$/,
  fieldTwice: /^: the entry for \S+ has "(auth|username|password)" twice$/,
  token:
    /^: the entry for \S+ has only an identity or registry token and no password, and the kubelet cannot use such a token$/,
  noCredential: /^: the entry for \S+ holds no credential$/,
  badAuth: /^: the entry for \S+ has an "auth" that is not base64 of "username:password"$/,
  noUsername: /^: the entry for \S+ has a password without a username$/,
  noPassword: /^: the entry for \S+ has a username without a password$/,
  halfCharacter: /^: the entry for \S+ has half of a character in its (username|password), which no bytes stand for$/,
  colon: /^: the entry for \S+ has a ":" in its username, which HTTP Basic authentication cannot carry$/,
  further: /^has \d+ further faults, which are not named$/,
  jobToken: /^: the login for \S+ is GitLab's job token, which dies with its pipeline$/,
  otherType: /^has the type ".*"$/,
  missing: /^does not exist$/,
  // What is said of the target, with the sources in brackets.
  tooLarge: /\) have \d+ bytes together, and a Secret holds 1048576 at most$/,
  // Warnings.
  twice: /^names \S+ twice: the later entry counts$/,
  disagrees:
    /^: the entry for \S+ has an "auth" that disagrees with "username" and "password": "auth" counts, as it does for the kubelet$/,
  differ: /^and (Secret|file) \S+ differ in the login for \S+: the latter counts$/,
  tokenEnds: /^: the login for \S+ is a token with an end: it end(s in|ed) .*$/,
  shortLived: /^: the login for \S+ is an? .* token, which lives .*: renew it by a schedule of its own$/,
  furtherWarnings: /^gives reason for \d+ further warnings, which are not shown$/,
};

export type Reason = keyof typeof reasons;
