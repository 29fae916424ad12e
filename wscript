# SPDX-License-Identifier: BSD-3-Clause
#
# The waf build, for two uses. Standing in contrib/flowbind of an ns-3 source tree (3.35 or older) this folder is a
# module of it. Anywhere else it is a project of its own, built against an installed ns-3:
#
#     test/tools/waf.py configure && test/tools/waf.py build
#
# (waf.py finds or fetches waf; with waf installed say "waf".) What is built stands in sources.list, which
# CMakeLists.txt reads too.

import os

APPNAME, VERSION, top, out = 'flowbind', '0.1', '.', 'build/waf'

STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-Werror']
INCLUDES = ['core-c/include', 'core-c/src', 'core-c/port']


def sources(ctx):
    """sources.list as {kind: [file, ...]}, and the examples as {program: [file, ...]}."""
    kinds, examples = {}, {}
    for line in ctx.path.find_node('sources.list').read().splitlines():
        words = line.split('#')[0].split()
        if words and words[0] == 'example':
            examples.setdefault(words[1], []).append(words[2])
        elif words:
            kinds.setdefault(words[0], []).append(words[1])
    return (lambda kind: list(kinds.get(kind, []))), examples


def in_tree(ctx):
    from waflib import Context
    return os.path.isfile(os.path.join(Context.top_dir or Context.run_dir or '.', 'src', 'core', 'wscript'))


def options(opt):
    if not in_tree(opt):
        opt.load('compiler_c compiler_cxx')


def configure(conf):
    if in_tree(conf):
        conf.check_cfg(package='nettle', uselib_store='NETTLE', args='--cflags --libs')
        conf.check_cfg(package='yaml-0.1', uselib_store='YAML', args='--cflags --libs')
        conf.check_cfg(package='libpcap', uselib_store='PCAP', args='--cflags --libs')
        return
    conf.load('compiler_c compiler_cxx')
    conf.env.append_unique('CFLAGS', ['-std=c11', '-O2', '-g', '-fPIC'])
    conf.env.append_unique('CXXFLAGS', ['-std=c++17', '-O2', '-g', '-fPIC', '-Wall', '-Wextra'])
    # Programs find the library beside them. Classes named only by TypeId strings must stay linked.
    conf.env.append_unique('LINKFLAGS', ['-Wl,--no-as-needed', '-Wl,-rpath,$ORIGIN'])
    conf.env.append_unique('DEFINES', ['NS3_LOG_ENABLE'])  # as Debian's ns-3: the two must match
    packages = {'nettle': 'nettle', 'yaml-0.1': 'yaml', 'libcjson': 'cjson', 'libpcap': 'pcap', 'cmocka': 'cmocka',
                'gsl': 'gsl'}
    for package, name in packages.items():
        conf.check_cfg(package=package, uselib_store=name.upper(), args='--cflags --libs')
    get, _ = sources(conf)
    for module in get('ns3-module'):
        conf.check_cfg(package='ns3-' + module, uselib_store='NS3_' + module.upper(),
                       args=['--cflags', '--libs', 'ns3-%s >= 3.35' % module])


def build(bld):
    if hasattr(bld, 'create_ns3_module'):
        return build_in_tree(bld)
    get, examples = sources(bld)
    posix = ['_POSIX_C_SOURCE=200809L']
    warn = ['-Wall', '-Wextra', '-Wpedantic']
    ns3 = ['NS3_' + module.upper() for module in get('ns3-module')]

    # "ns3/flowbind-agent.h", as in an ns-3 tree.
    for header in get('model-header') + get('helper-header'):
        bld(features='subst', is_copy=True, source=header, target='ns3/' + header.split('/')[-1])
    bld.add_group()

    bld(features='c cstlib', source=get('core'), target='flowbind-core', includes=INCLUDES, export_includes=INCLUDES,
        cflags=STRICT, use='flowbind-nettle')
    bld(features='c cstlib', source=get('port'), target='flowbind-nettle', includes=INCLUDES, cflags=STRICT,
        use='NETTLE')
    bld(features='c cstlib', source=get('capture'), target='flowbind-capture', includes=INCLUDES, cflags=warn,
        defines=posix, use='flowbind-core PCAP')
    bld(features='c cstlib', source=get('config'), target='flowbind-config', includes=INCLUDES, cflags=warn,
        defines=posix, use='flowbind-capture flowbind-core YAML')
    mains = [file for file in get('decode') if has_main(bld, file)]
    bld(features='c cstlib', source=[file for file in get('decode') if file not in mains], target='flowbind-decode-lib',
        includes=INCLUDES, cflags=warn, defines=posix, use='flowbind-capture flowbind-core CJSON')
    if mains:
        bld.program(source=mains, target='flowbind-decode', includes=INCLUDES, cflags=warn, defines=posix,
                    use='flowbind-decode-lib flowbind-capture flowbind-core')

    bld.program(source=get('classify'), target='flowbind-classify', includes=INCLUDES, cflags=warn, defines=posix,
                use='flowbind-config flowbind-decode-lib flowbind-capture flowbind-core')
    # without DPDK's rte_acl, which ./flowbind bench compares with
    bld.program(source=[file for file in get('bench-classify') if not file.endswith('/acl.c')],
                target='flowbind-classify-benchmark', includes=INCLUDES, cflags=warn, defines=['_DEFAULT_SOURCE'],
                use='flowbind-core')

    bld.program(source=get('bench'), target='flowbind-registration-benchmark', includes=INCLUDES, cflags=warn,
                defines=posix, use='flowbind-core NETTLE')

    mains = [file for file in get('stats') if has_main(bld, file)]
    bld(features='c cstlib', source=[file for file in get('stats') if file not in mains], target='flowbind-stats-lib',
        includes=['results/stats'], cflags=STRICT, defines=posix, use='GSL CJSON')
    bld.program(source=mains, target='flowbind-stats', includes=['results/stats'], cflags=warn, defines=posix,
                use='flowbind-stats-lib GSL CJSON')
    bld.program(source=get('paths'), target='flowbind-paths', includes=INCLUDES + ['results/paths'], cflags=warn,
                defines=posix, lib=['m'], use='flowbind-core')
    for file in get('stats-test'):
        bld.program(source=[file], target='tests/' + os.path.basename(file)[:-2], includes=['results/stats'],
                    cflags=warn, defines=posix, use='flowbind-stats-lib GSL CJSON CMOCKA')

    test_defines = posix + ['FLOWBIND_SOURCE_DIR="%s"' % bld.path.abspath()]
    test_includes = INCLUDES + ['test', 'test/core', 'test/rfc']
    bld(features='c cstlib', source=get('test-support'), target='flowbind-test-support', includes=test_includes,
        cflags=warn, defines=test_defines,
        use='flowbind-decode-lib flowbind-config flowbind-capture flowbind-core CMOCKA CJSON')
    for file in get('core-test') + get('rfc-test'):
        bld.program(source=[file], target='tests/' + os.path.basename(file)[:-2], includes=test_includes, cflags=warn,
                    defines=test_defines,
                    use='flowbind-test-support flowbind-decode-lib flowbind-config flowbind-capture flowbind-core '
                        'CMOCKA CJSON')
    for file in get('fuzz-target'):
        bld.program(source=[file] + get('fuzz-target-main'), target='tests/' + os.path.basename(file)[:-2],
                    includes=INCLUDES + ['test/core'], cflags=warn, defines=test_defines,
                    use='flowbind-decode-lib flowbind-capture flowbind-core CMOCKA CJSON')

    includes = INCLUDES + ['model', 'helper', '.']
    bld(features='c cxx cxxshlib', target='ns3-flowbind', includes=includes, export_includes=includes, defines=posix,
        source=get('core') + get('port') + get('capture') + get('config') + get('model') + get('helper'),
        use=['NETTLE', 'YAML', 'PCAP'] + ns3)
    for name, files in examples.items():
        bld.program(source=files, target=name, use=['ns3-flowbind'] + ns3)
    bld(features='cxx cxxprogram', source=get('ns3-test-main') + get('ns3-test'), target='flowbind-ns3-tests',
        defines=['FLOWBIND_SOURCE_DIR="%s"' % bld.path.abspath()], use=['ns3-flowbind'] + ns3)


def has_main(bld, file):
    text = bld.path.find_node(file).read()
    return '\nmain(' in text or '\nint main(' in text


def build_in_tree(bld):
    get, examples = sources(bld)
    modules = get('ns3-module')
    module = bld.create_ns3_module('flowbind', modules)
    features = module.features.split() if isinstance(module.features, str) else list(module.features)
    module.features = features + ['c']  # else waf leaves the C files out
    module.source = get('core') + get('port') + get('capture') + get('config') + get('model') + get('helper')
    module.includes = INCLUDES + ['model', 'helper']
    module.export_includes = INCLUDES
    module.defines = ['_POSIX_C_SOURCE=200809L']
    module.use = module.use + ['NETTLE', 'YAML', 'PCAP']
    module.env.append_value('CFLAGS', ['-std=c11', '-fPIC'])

    tests = bld.create_ns3_module_test_library('flowbind')
    tests.source = get('ns3-test')
    tests.includes = INCLUDES
    tests.defines = ['FLOWBIND_SOURCE_DIR="%s"' % bld.path.abspath()]

    headers = bld(features='ns3header')
    headers.module = 'flowbind'
    headers.source = get('model-header') + get('helper-header')

    if bld.env.ENABLE_EXAMPLES:
        for name, files in examples.items():
            program = bld.create_ns3_program(name, ['flowbind'] + modules)
            program.source = files
            program.includes = INCLUDES
