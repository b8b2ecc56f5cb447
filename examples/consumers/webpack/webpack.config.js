import HtmlWebpackPlugin from 'html-webpack-plugin';

export default {
  mode: 'production',
  performance: {hints: false}, // tfjs is larger than webpack likes
  plugins: [new HtmlWebpackPlugin({template: 'index.html'})],
};
