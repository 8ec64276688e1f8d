// The root of the repository is installed by pnpm. This tells the person who typed `npm install` what to type instead.
const agent = process.env.npm_config_user_agent ?? '';

if (!agent.startsWith('pnpm/')) {
  const name = agent.split('/')[0] || 'this package manager';
  console.error(`
  This repository is a pnpm workspace, so it cannot be installed with ${name}. Nothing needs to be installed by hand:

    npm start          installs, builds and trains the MNIST example
    npm test           installs, builds and runs every test

  To only install:     npx -y pnpm@12.21.0 install
`);
  process.exit(1);
}
