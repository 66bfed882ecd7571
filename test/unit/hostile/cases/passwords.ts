import { passwords as known } from '../../../support/passwords.ts';
import { base64, configOf, delivered, file, type HostileCase, host, secret } from '../hostile-case.ts';

/** The passwords that break what is not careful, in each place where a login may stand. */
export const passwords: HostileCase[] = known.flatMap((password, index) => {
  const name = `number ${index + 1} of all`;
  const logins = { [host]: `robot:${password}` };
  // What reads like a sentence may have pieces in common with one.
  const isProse = /^[a-z \n]+$/.test(password);
  const cases = [
    delivered(`the password ${name} in a Secret`, secret(configOf({ username: 'robot', password })), logins),
    delivered(`the password ${name} in auth, in a file`, file(configOf({ auth: base64(`robot:${password}`) })), logins),
    delivered(
      `the password ${name} in a legacy Secret`,
      secret(JSON.stringify({ [host]: { username: 'robot', password } }), 'dockercfg'),
      logins,
    ),
  ];
  return isProse ? cases.map((one) => ({ ...one, secrets: [] })) : cases;
});
