import { auth, file, type HostileCase, host, password, refused, secret, username } from '../hostile-case.ts';
import type { Reason } from '../reasons.ts';

const json = JSON.stringify;
const basic = `Basic ${auth}`;

/** What other programs keep credentials in, and what stands where nobody put any. */
const texts: Array<[what: string, text: string, reason?: Reason]> = [
  ['YAML', `auths:\n  ${host}:\n    username: ${username}\n    password: '${password}'\n`],
  ['YAML on one line', `{auths: {${host}: {auth: ${auth}}}}`],
  [
    'TOML of containerd',
    `[plugins."io.containerd.grpc.v1.cri".registry.configs."${host}".auth]\nusername = "${username}"\npassword = "${password}"\n`,
  ],
  ['YAML of k3s', `configs:\n  "${host}":\n    auth:\n      username: ${username}\n      password: ${password}\n`],
  ['.netrc', `machine ${host} login ${username} password ${password}\n`],
  ['.npmrc', `//${host}/:_authToken=${password}\n`],
  ['.pypirc', `[pypi]\nusername = ${username}\npassword = ${password}\n`],
  ['.git-credentials', `https://${username}:${password}@${host}\n`],
  [
    'settings.xml of Maven',
    `<settings><servers><server><id>${host}</id><username>${username}</username><password>${password}</password></server></servers></settings>`,
  ],
  ['gradle.properties', `registryUser=${username}\nregistryPassword=${password}\n`],
  ['.htpasswd', `${username}:$2y$05$abcdefghijklmnopqrstuv\n`],
  ['.env', `REGISTRY_USERNAME=${username}\nREGISTRY_PASSWORD='${password}'\n`],
  ['a shell script', `export DOCKER_AUTH_CONFIG='{"auths":{"${host}":{"auth":"${auth}"}}}'\n`],
  ['a header', `Authorization: ${basic}\r\n`],
  ['a command line', `docker login ${host} -u ${username} -p ${password}\n`],
  ['a pair on one line', `${username}:${password}\n`],
  ['a password on one line', `${password}\n`],
  ['auth on one line', auth],
  ['a private key', `-----BEGIN OPENSSH PRIVATE KEY-----\n${auth}\n-----END OPENSSH PRIVATE KEY-----\n`],
  ['a certificate', `-----BEGIN CERTIFICATE-----\n${auth}\n-----END CERTIFICATE-----\n`],
  ['a token', `e30.${auth}.x`],
  ['CSV', `server,username,password\n${host},${username},${password}\n`],
  ['a URL', `https://${username}:${password}@${host}/v2/`],
  ['the login page of a proxy', '<!DOCTYPE html><html><title>Sign in</title></html>'],
  ['a web server’s 404', '404 page not found\n'],
  ['a variable that nobody replaced', '$\u007bDOCKER_AUTH_CONFIG}'],
  ['a variable of Windows', '%DOCKER_AUTH_CONFIG%'],
  ['a template that nobody rendered', '{{ .Values.dockerConfigJson | b64enc }}'],
  ['what a template makes of nothing', '<no value>'],
  ['a reference of helmfile', 'ref+vault://secret/registry#/password'],
  ['a path', '/run/secrets/config.json'],
  ['the word nil', 'nil'],
  ['the word undefined', 'undefined'],
  ['an object of JavaScript', '[object Object]'],
  ['a map of Go', `map[auths:map[${host}:map[auth:${auth}]]]`],
  ['a hash of Ruby', `{"auths"=>{"${host}"=>{"auth"=>"${auth}"}}}`],
  ['a dictionary of Python', `{'auths': {'${host}': {'auth': '${auth}'}}}`],
  ['an array of PHP', `a:1:{s:5:"auths";a:1:{s:20:"${host}";s:4:"auth";}}`],
  ['a module of JavaScript', `module.exports = {"auths":{"${host}":{"auth":"${auth}"}}};`],
  ['JSON with padding', `callback({"auths":{"${host}":{"auth":"${auth}"}}})`],
  ['JSON behind a guard', `)]}',\n{"auths":{"${host}":{"auth":"${auth}"}}}`],
  ['JSON in a fence of Markdown', `\`\`\`json\n{"auths":{"${host}":{"auth":"${auth}"}}}\n\`\`\`\n`],
  ['JSON of a log', `2026-11-24T12:00:00Z {"auths":{"${host}":{"auth":"${auth}"}}}`],
  ['a conflict of git', `<<<<<<< HEAD\n{"auths":{"${host}":{"auth":"${auth}"}}}\n=======\n{}\n>>>>>>> main\n`],
  ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 12345\n'],
  ['a file of git-crypt', `\0GITCRYPT\0${password}`],
  ['a file of Ansible Vault', '$ANSIBLE_VAULT;1.1;AES256\n6231653836363737\n'],
  ['a file of age', 'age-encryption.org/v1\n-> X25519 abc\n'],
  ['a file of SOPS', json({ auths: `ENC[AES256_GCM,data:${auth},type:str]`, sops: { version: '3.9.0' } }), 'noAuths'],
  [
    'a Secret',
    json({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': auth },
    }),
    'noAuths',
  ],
  ['a Secret in YAML', `apiVersion: v1\nkind: Secret\ndata:\n  .dockerconfigjson: ${auth}\n`],
  ['a SealedSecret', json({ kind: 'SealedSecret', spec: { encryptedData: { '.dockerconfigjson': auth } } }), 'noAuths'],
  [
    'a kubeconfig',
    json({ apiVersion: 'v1', kind: 'Config', users: [{ name: 'a', user: { token: password } }] }),
    'noAuths',
  ],
  ['the data of a Secret', json({ '.dockerconfigjson': auth }), 'noAuths'],
  [
    'an answer of Vault',
    json({ data: { data: { auths: { [host]: { auth } } }, metadata: { version: 1 } } }),
    'noAuths',
  ],
  [
    'an answer of Amazon ECR',
    json({ authorizationData: [{ authorizationToken: auth, proxyEndpoint: `https://${host}` }] }),
    'noAuths',
  ],
  ['an answer of Azure', json({ accessToken: password, loginServer: 'x.azurecr.io' }), 'noAuths'],
  [
    'a key of a service account of Google',
    json({ type: 'service_account', private_key: `-----BEGIN PRIVATE KEY-----\n${password}`, client_email: 'a@b' }),
    'noAuths',
  ],
  ['a robot of Harbor', json({ name: 'robot$ci', secret: password, id: 1 }), 'noAuths'],
  ['a deploy token of GitLab', json({ id: 1, username, token: password, scopes: ['read_registry'] }), 'noAuths'],
  ['an answer of a token server', json({ token: password, access_token: password, expires_in: 300 }), 'noAuths'],
  [
    'the error of a registry',
    json({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }),
    'noAuths',
  ],
  [
    'an item of 1Password',
    json({
      fields: [
        { id: 'username', value: username },
        { id: 'password', value: password },
      ],
    }),
    'noAuths',
  ],
  ['an item of Bitwarden', json({ login: { username, password, uris: [{ uri: host }] } }), 'noAuths'],
  [
    'a state of Terraform',
    json({ version: 4, resources: [{ type: 'random_password', instances: [{ attributes: { result: password } }] }] }),
    'noAuths',
  ],
  ['values of this chart', json({ registries: { main: { server: host, username, password } } }), 'noAuths'],
  ['auth.json of Composer', json({ 'http-basic': { [host]: { username, password } } }), 'noAuths'],
  ['config.json of BuildKit', json({ registry: { [host]: { auth } } }), 'noAuths'],
  ['a policy of containers', json({ default: [{ type: 'insecureAcceptAnything' }] }), 'noAuths'],
];

export const otherTools: HostileCase[] = texts.flatMap(([what, text, reason = 'notJson'], index) => {
  // What looks like a legacy map to one who knows no better is none in a Secret of the newer type.
  const source = index % 2 === 0 ? file(text) : secret(text);
  return [refused(what, source, reason)];
});
