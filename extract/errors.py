"""Every message a user can meet: a code, the Chinese wording, the English wording.

Nothing here prints. `cli` catches `DubanError`, shows `message(lang)` on stderr and
chooses the exit code; in a batch the same error becomes a row of the failure table.
"""

from __future__ import annotations

from typing import Any

MESSAGES: dict[str, tuple[str, str]] = {
    # reading
    "E101": ("{path}：找不到这个文件", "{path}: no such file"),
    "E102": (
        "{path}：文件夹里没有可读的文档（支持 {suffixes}）",
        "{path}: no readable document in this folder (known: {suffixes})",
    ),
    "E103": ("{path}：文件是空的", "{path}: the file is empty"),
    "E104": (
        "{path}：不是文本文件（含二进制内容），请先转成 .txt 或 .md",
        "{path}: not a text file (binary content); convert it to .txt or .md",
    ),
    "E105": (
        "{path}：无法辨认文字编码，请另存为 UTF-8 后再试",
        "{path}: cannot tell the encoding; save the file as UTF-8",
    ),
    "E106": (
        "{path}：过大（{size:,} 字以上；上限文字 {limit:,} 字、文件 200 MB），"
        "请拆分后再处理",
        "{path}: too large ({size:,} characters or more; the limits are {limit:,}"
        " characters of text and files of 200 MB); split it",
    ),
    "E107": ("{path}：没有读取权限", "{path}: permission denied"),
    "E108": ("{path}：读取失败：{reason}", "{path}: cannot be read: {reason}"),
    "E109": (
        "{path}：暂不支持 {suffix} 格式（支持 {suffixes}）",
        "{path}: {suffix} files are not supported (known: {suffixes})",
    ),
    "E110": (
        "{path} 第 {line} 行：不是一条 JSON 记录：{reason}",
        "{path} line {line}: not a JSON record: {reason}",
    ),
    "E111": (
        "{path}：处理时出错，已跳过：{reason}",
        "{path}: skipped, the program failed on it: {reason}",
    ),
    "E120": (
        "{path}：文件有密码保护，读不了：请先去掉密码，另存后再试",
        "{path}: protected by a password; remove it, save the file and try again",
    ),
    "E121": (
        "{path}：文件损坏或不完整（{part}）：请重新下载，或用 WPS、Word 打开另存后再试",
        "{path}: damaged or incomplete ({part}); download it again, or open it in"
        " WPS or Word and save it anew",
    ),
    "E122": (
        "{path}：解开后过大（{part}，上限 {limit:,}），为安全起见没有读：请拆分后再试",
        "{path}: too large once unpacked ({part}, limit {limit:,}), not read for"
        " safety's sake; split it",
    ),
    "E123": (
        "{path}：{part} 里有 DTD 或实体声明，为安全起见没有读："
        "请用 WPS、Word 打开另存后再试",
        "{path}: {part} declares a DTD or entities, not read for safety's sake;"
        " open it in WPS or Word and save it anew",
    ),
    "E124": (
        "{path}：旧版 .doc 文件没能转换：请用 WPS、Word 另存为 .docx 后再试，"
        "或者安装 LibreOffice",
        "{path}: this old .doc file could not be converted; save it as .docx in WPS"
        " or Word, or install LibreOffice",
    ),
    "E130": (
        "{path}：是扫描件，里面只有图片没有文字：请先用 OCR 软件识别成文字再试",
        "{path}: a scan, pictures without text; run OCR on it first",
    ),
    "E131": (
        "{path}：字体没有说明每个字是什么，文字无法还原：请换一份电子版，或用 OCR 识别",
        "{path}: its fonts do not say which characters they show; get another copy,"
        " or run OCR on it",
    ),
    "E132": (
        "{path}：压缩包里没有可读的文档（支持 {suffixes}）",
        "{path}: no readable document in this archive (known: {suffixes})",
    ),
    "E133": (
        "{path}：压缩包里不止一份文档：请指明读哪一份"
        "（压缩包/文件名），或用 duban extract 全部处理",
        "{path}: an archive of several documents; name the one to read"
        " (archive/member), or use duban extract for all of them",
    ),
    "E134": (
        "{path}：{seconds} 秒内没有读完，可能是故意做坏的文件，已跳过："
        "请用阅读软件打开，重新导出后再试",
        "{path}: not read within {seconds} seconds, perhaps made to do harm, skipped;"
        " open it in a viewer and export it anew",
    ),
    # usage
    "E201": (
        "--date 的值“{value}”不是日期，请写成 2026-03-05 或 2026年3月5日",
        "--date: {value!r} is not a date; write it as 2026-03-05",
    ),
    "E202": (
        "{path}：不认识的输出格式 {suffix}（支持 {suffixes}）",
        "{path}: unknown output format {suffix} (known: {suffixes})",
    ),
    "E203": ("{path}：无法写入：{reason}", "{path}: cannot be written: {reason}"),
    "E204": (
        "不认识的分词器“{value}”（支持 {known}）",
        "unknown segmenter {value!r} (known: {known})",
    ),
    "E205": (
        "没有要处理的文档：请给出文件、文件夹、通配符，或用 - 从标准输入读取",
        "nothing to read: give files, folders, globs, or - for standard input",
    ),
    "E206": (
        "--lang 的值“{value}”不认识，请写 zh 或 en",
        "--lang: {value!r} is neither zh nor en",
    ),
    "E207": (
        "请给出一个文件，或用 --text 给出一段话（二者选一）",
        "give either a file or --text",
    ),
    "E208": (
        "“{value}”没有可下载的模型（支持 {known}）",
        "there is no model to fetch for {value!r} (known: {known})",
    ),
    "E209": (
        "没有规则表“{value}”（现有 {known}）",
        "there is no rule table {value!r} (there are: {known})",
    ),
    "E210": ("{path}：得分下限读不懂：{reason}", "{path}: bad floors: {reason}"),
    "E211": (
        "--folds 应为 0，或 2 到 {limit}（训练文档数）之间的整数，不是 {value}",
        "--folds must be 0 or from 2 to {limit} (training documents), not {value}",
    ),
    "E212": (
        "--like 的文件夹“{value}”应是参加训练的文件夹之一",
        "--like: {value!r} must be one of the folders trained on",
    ),
    "E213": (
        "至少要给出两位标注人的文件夹（或文件）",
        "give the folders (or files) of at least two annotators",
    ),
    "E214": (
        "--against 要和 --html 一起用：比较的结果写在网页里",
        "--against needs --html: the comparison is a part of the page",
    ),
    "E215": (
        "{path}：不是 duban evaluate --json 的输出，无法比较：{reason}",
        "{path}: no output of duban evaluate --json to compare with: {reason}",
    ),
    # resources
    "E301": (
        "规则文件 {path} 有误：{reason}",
        "rule file {path} is wrong: {reason}",
    ),
    "E302": (
        "模型文件 {path} 有误：{reason}。请重新安装 duban，或用 duban train 重新训练",
        "model file {path} is wrong: {reason}. Reinstall duban or run duban train",
    ),
    "E303": (
        "没有安装 pkuseg 分词器：请先运行 pip install 'duban[pkuseg]'",
        "pkuseg is not installed: run pip install 'duban[pkuseg]'",
    ),
    "E304": (
        "还没有 pkuseg 的模型：请在能联网时运行一次 duban segmenter fetch pkuseg"
        "（模型会放到 {path}）",
        "the pkuseg model is missing: run duban segmenter fetch pkuseg once, online"
        " (it goes to {path})",
    ),
    "E305": (
        "取模型失败：{reason}。请检查网络或 pip 的镜像设置后再试；不能联网时，"
        "在能联网的电脑上运行同一命令，再把 {path} 整个文件夹拷到这里的同一位置",
        "the model could not be fetched: {reason}. Check the network or pip's index"
        " settings and try again; offline, run the same command on a machine with"
        " network and copy its folder to {path}",
    ),
    "E306": (
        "没有 pip，也没有 uv，无法下载：请先运行 python -m ensurepip",
        "neither pip nor uv to download with: run python -m ensurepip first",
    ),
    "E307": (
        "{path}：内容与已知的校验值不符（sha256 {found}），没有使用",
        "{path}: not the expected content (sha256 {found}); not used",
    ),
    # evaluation
    "E401": (
        "{path}：没有成对的标准答案（需要 NAME.txt 和 NAME.jsonl）",
        "{path}: no gold pairs (NAME.txt with NAME.jsonl)",
    ),
    "E402": (
        "{path} 第 {line} 行：标准答案有误：{reason}",
        "{path} line {line}: bad gold record: {reason}",
    ),
    "E403": ("得分低于下限：{reason}", "scores below their floors: {reason}"),
    "E404": ("标记有误：{reason}", "bad markup: {reason}"),
    "E405": (
        "{paths}：没有一篇文档有两人以上的标注，无法比较；各人的文件夹里，同一篇的文件名要相同",
        "{paths}: no document that two annotators have; name the same text alike in"
        " every folder",
    ),
    "E406": (
        "{path}：原文与 {other} 不同（从第 {offset} 个字起），无法比较；"
        "请用同一份原文标注",
        "{path}: its text differs from that of {other} (from offset {offset} on);"
        " annotate the same text",
    ),
    "E407": (
        "没有安装 pygamma-agreement，不计算 gamma；"
        "需要时请运行 pip install pygamma-agreement",
        "no gamma: pygamma-agreement is not installed; if you want it, run"
        " pip install pygamma-agreement",
    ),
    # batches and clusters
    "E501": (
        "{path}：处理它的进程意外结束（{reason}，常见原因是内存不足），已跳过，"
        "下次运行会重试",
        "{path}: its process died ({reason}; often for lack of memory); skipped, the"
        " next run tries again",
    ),
    "E502": (
        "{path}：另一个批处理正在写这个文件夹（进程 {pid}），请等它结束，或换一个 -o",
        "{path}: another batch is writing to this folder (process {pid}); wait for it"
        " or choose another -o",
    ),
    "E503": (
        "写 Parquet 需要 pyarrow：请先运行 pip install 'duban[parquet]'",
        "Parquet needs pyarrow: run pip install 'duban[parquet]'",
    ),
    "E504": (
        "{path}：有 {rows:,} 行，超过 Excel 每表 {limit:,} 行的上限，没有写；"
        "请改用 --merged csv 或 parquet",
        "{path}: {rows:,} rows are more than the {limit:,} of an Excel sheet; not"
        " written. Use --merged csv or parquet",
    ),
    "E505": (
        "--merged 的值“{value}”不认识（支持 {known}，用逗号隔开）",
        "--merged: {value!r} is not known (known, parted by commas: {known})",
    ),
    "E506": (
        "{path}：输出文件夹不能就是（或包含）文档所在的文件夹，请另选一个 -o",
        "{path}: the output folder must not be, or contain, the folder of the"
        " documents; choose another -o",
    ),
    "E507": (
        "{path}：批处理的状态文件读不懂：{reason}。删除它即可从头再来",
        "{path}: the state of the batch is unreadable: {reason}. Delete it to start"
        " anew",
    ),
    "E508": (
        "{path}：读取期间内容变了，已跳过，下次运行会重试",
        "{path}: changed while it was read; skipped, the next run tries again",
    ),
    "E509": (
        "{path}：不是文件夹；批处理要的是放文档的文件夹",
        "{path}: not a folder; a batch wants the folder of the documents",
    ),
    "E510": (
        "没有安装 Spark：请先运行 pip install 'duban[spark]'",
        "Spark is not installed: run pip install 'duban[spark]'",
    ),
    "E511": (
        "Spark 启动失败：{reason}。Spark 需要 Java 17 或更新版本：请安装"
        "（Debian：apt-get install openjdk-17-jre-headless）并设好 JAVA_HOME",
        "Spark does not start: {reason}. It needs Java 17 or later: install it"
        " (Debian: apt-get install openjdk-17-jre-headless) and set JAVA_HOME",
    ),
    "E512": (
        "{path}：要有 doc 列，以及 text 或 content 列；现有 {columns}",
        "{path}: must have the column doc and one of text and content; has {columns}",
    ),
    "E513": (
        "工作进程无法启动（{reason}）。从 Python 调用时，请把调用放在"
        " if __name__ == '__main__': 之下；也可能是内存不足，请减小 --jobs",
        "the working processes do not start ({reason}). From Python, call under"
        " if __name__ == '__main__':; or memory is short: lower --jobs",
    ),
    "E514": (
        "{path}：{seconds:g} 秒内没有处理完，已跳过，其余照常处理：请打开看看内容是否"
        "正常，拆成几份再试；确实要等，就用 --limit 放宽时限（0 为不限）",
        "{path}: not done within {seconds:g} seconds, skipped, the others go on; look"
        " whether its content is sound, split it, or allow it more with --limit (0 for"
        " no limit)",
    ),
    "E515": (
        "{path}：内存不足，没能处理，已跳过，其余文档照常处理：请关掉别的程序、减少同时工作的进程，"
        "或把它拆成几份",
        "{path}: not enough memory for it, skipped, the others go on; close other"
        " programs, use fewer processes, or split it",
    ),
    "E516": (
        "--limit 的值“{value}”不对：请写秒数，0 为不限",
        "--limit: {value!r} is no limit; give seconds, or 0 for none",
    ),
    "E517": (
        "{path}：Spark 没有做完：{reason}。已写好的部分仍在，排除原因后原样再运行即可",
        "{path}: Spark did not finish: {reason}. What is written stays; remove the"
        " cause and run the same again",
    ),
    # review
    "E701": (
        "“{url}”不是数据库地址：请写 SQLite 文件的路径，或 postgresql://用户@主机/库名",
        "{url!r} is no database: give the path of an SQLite file, or"
        " postgresql://user@host/name",
    ),
    "E702": (
        "数据库 {url} 打不开：{reason}。请检查路径、权限，或数据库是否在运行",
        "the database {url} cannot be opened: {reason}. Check path and permissions, or"
        " whether it runs",
    ),
    "E703": (
        "没有安装 PostgreSQL 的驱动：请先运行 pip install 'duban[postgres]'",
        "PostgreSQL's driver is not installed: run pip install 'duban[postgres]'",
    ),
    "E704": (
        "没有安装核对工作台：请先运行 pip install 'duban[review]'",
        "the workbench is not installed: run pip install 'duban[review]'",
    ),
    "E705": (
        "{host}:{port} 不能使用：{reason}。请用 --port 换一个端口",
        "{host}:{port} cannot be used: {reason}. Choose another one with --port",
    ),
    "E706": (
        "不认识的格式“{value}”（支持 {known}）",
        "unknown format {value!r} (known: {known})",
    ),
    "E707": (
        "{path}：没有写：还没有办结的文档。请核对完后在网页上办结（Shift+F），"
        "或加 --unfinished",
        "{path}: not written, no document is finished yet. Finish one in the page"
        " (Shift+F), or give --unfinished",
    ),
    "E709": (
        "{path}：没有写：正文里有文本文件存不下的字符（{reason}）",
        "{path}: not written, a text file cannot hold this text ({reason})",
    ),
    "E708": ("{path}：没能导入：{reason}", "{path}: cannot be imported: {reason}"),
    "E710": (
        "另一个人同时在改同一处，没有写入：请重试",
        "somebody changed the same place at the same moment, nothing was written: try"
        " again",
    ),
    "E711": (
        "{field} 的值不合适：{value}，没有写入",
        "{field} does not fit: {value}; nothing was written",
    ),
    "E712": (
        "{name}刚刚改过这一条，你的修改没有写入：请看过现在的内容再决定"
        "（现为第 {found} 版，你看到的是第 {given} 版）",
        "{name} has just changed this task and your change was not written: look at it"
        " again (it is at version {found}, you saw {given})",
    ),
    "E713": ("找不到这一条（{key}）", "not found: {key}"),
    "E714": ("这一段已经是一条任务了", "this very stretch is a task already"),
    "E715": (
        "合并需要同一份文档里的两条以上任务",
        "merging takes two or more tasks of one document",
    ),
    "E716": ("没有可以撤销的操作", "there is nothing to undo"),
    "E717": (
        "还有 {count} 条没有核对，全部核对之后才能办结",
        "{count} tasks are not judged yet; a document is finished after that",
    ),
    "E718": (
        "复核要以复核员的身份进行：请在右上角切换身份",
        "only a reviewer reviews: switch the role at the top right",
    ),
    "E719": (
        "这一条还没有人核对，不能复核",
        "nobody has judged this task yet; it cannot be reviewed",
    ),
    "E720": (
        "请先写上你的名字（1 到 80 字）",
        "give your name first (1 to 80 characters)",
    ),
    "E721": (
        "请从启动 duban review 时显示的网址进入（地址里要带口令）",
        "open the address that duban review showed when it started (with its token)",
    ),
    "E722": (
        "请求不是从本页面发出的，没有执行：请刷新页面再试",
        "the request did not come from this page and was refused: reload the page",
    ),
    "E723": (
        "内容过大（上限 {limit:,} 字节），没有接收",
        "too large (limit {limit:,} bytes), not accepted",
    ),
    "E724": (
        "不能用这个地址访问：请用启动 duban review 时显示的网址",
        "not to be reached by this address: use the one duban review showed",
    ),
    "E725": (
        "请求的内容看不懂：{reason}",
        "the request makes no sense: {reason}",
    ),
    "E726": (
        "找不到对应的原文：{value}",
        "not found in the document's text: {value}",
    ),
    "E731": (
        "这一条是你自己核对的，要由别人复核（全库只有你一个人时除外）",
        "you judged this task yourself: somebody else reviews it (unless you are alone"
        " on this database)",
    ),
    "E732": (
        "你自己的核对结果就在这处分歧里，请由没有参与的人来裁定",
        "your own reading is part of this dispute: somebody who took no part settles"
        " it",
    ),
    "E733": (
        "这处分歧已经变了或者不存在了，没有写入：请刷新后再看",
        "this dispute has changed or is gone, nothing was written: reload and look"
        " again",
    ),
    "E734": (
        "“{name}”是机器的名字，请换一个名字",
        "{name!r} is the machine's name: take another one",
    ),
    "E741": (
        "只能打开一个数据库，却写了几个：{names}。请只留一个",
        "only one database can be opened, several are named: {names}; leave one",
    ),
    "E742": (
        "--print 要和 --next 一起用：duban review … --next --print {value}",
        "--print goes with --next: duban review … --next --print {value}",
    ),
    "E743": (
        "--print 后面要写大于零的整数，不能是 {value}",
        "--print takes a whole number above zero, not {value}",
    ),
    "E744": (
        "数据库里还没有文档：请在命令里写上文档的路径",
        "there is no document in the database: name some on the command line",
    ),
}


class DubanError(Exception):
    """An error a user can act on.

    Parameters
    ----------
    code : str
        Key of `MESSAGES`.
    **details
        Values for the placeholders of the message.
    """

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details

    def message(self, lang: str = "zh") -> str:
        """One line in ``"zh"`` or ``"en"``, with the code in front."""
        wording = MESSAGES[self.code][0 if lang == "zh" else 1]
        return f"[{self.code}] " + wording.format(**self.details)

    def __str__(self) -> str:
        return self.message()


class UsageError(DubanError):
    """The command was called wrongly (exit code 2)."""


class ReadError(DubanError):
    """One document could not be read (a row of the failure table, exit code 1)."""

    def at(self, path: Any) -> ReadError:
        """The same error for a named document: format readers see only bytes."""
        return type(self)(self.code, **{**self.details, "path": path})
