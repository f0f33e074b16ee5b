"""The page about a result, in a real browser where there is one."""

import base64
import json
import re
import shutil
import zlib

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sk_noise2sr import AdaptiveWiener
from sk_noise2sr.io import Calibration
from sk_noise2sr.report import save_index, save_report, thumbnail
from sk_noise2sr.report._packed import log_spectrum, middle_above, pack, pooled

PIXEL = Calibration((0.02, 0.02), "nm")
EVIL = "</script><script>document.title='stolen'</script><b>&\"'"


def unpack(packed):
    """Undo :func:`pack`, as the page does."""
    planes = np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), np.uint8)
    differences = planes.reshape(2, -1).T.copy().view("<u2").ravel()
    codes = np.cumsum(differences, dtype=np.uint16).reshape(packed["shape"])
    return np.where(codes > 0, packed["low"] + packed["step"] * (codes - 1.0), np.nan)


def data_of(text):
    """Return what the script of a page draws."""
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


def write(path, noisy, denoised, **options):
    save_report(path, noisy, denoised, **options)
    return path.read_text("utf8")


@pytest.fixture
def result(noisy):
    return gaussian_filter(noisy, 2)


@pytest.mark.parametrize("step", [1e-3, 0.0, 5.0])
def test_what_is_packed_comes_back_to_half_a_step(rng, step):
    image = rng.normal(size=(31, 17)) * 4 + 100
    image[3, 5] = np.nan
    packed = pack(image, step)
    again = unpack(json.loads(json.dumps(packed)))
    assert np.isnan(again[3, 5])
    assert np.nanmax(np.abs(again - image)) <= 0.5001 * packed["step"]
    assert packed["step"] == pytest.approx(max(step, np.nanmax(image - np.nanmin(image)) / 65534))


@pytest.mark.parametrize("value", [0.0, 7.5, np.nan])
def test_a_constant_image_can_be_packed(value):
    np.testing.assert_array_equal(unpack(pack(np.full((4, 5), value), 0)), np.full((4, 5), value))


def test_blocks_are_averaged():
    image = np.arange(36.0).reshape(6, 6)
    np.testing.assert_array_equal(pooled(image, 3)[0], [3.5, 5.5, 7.5])
    assert pooled(image, 6) is image


def test_the_spectrum_of_a_wave_is_a_peak_and_the_middle_holds_it():
    wave = np.cos(2 * np.pi * 8 * np.arange(128) / 128) * np.ones((128, 1))
    spectrum = log_spectrum(wave)
    assert np.unravel_index(spectrum.argmax(), spectrum.shape)[1] in (64 - 8, 64 + 8)
    assert 0.125 < middle_above(spectrum, spectrum.max() - 1) < 0.25


def test_the_page_holds_the_images(tmp_path, noisy, result):
    text = write(tmp_path / "page.html", noisy, result, calibration=PIXEL)
    data = data_of(text)
    denoised, residual = (unpack(data["images"][name]) for name in ("denoised", "residual"))
    assert np.abs(denoised - result).max() < 0.01 * result.std()
    assert np.abs(denoised + residual - noisy).max() < 0.05 * (noisy - result).std()
    assert data["pixel"] == 0.02
    assert data["bar"][1] == "0.2 nm"
    assert "1/nm" in text


def test_a_page_of_a_fit_tells_its_parameters_and_its_loss(tmp_path, noisy, result):
    denoiser = AdaptiveWiener(window=7)
    denoiser.history_ = [{"step": step, "loss": 1 / step} for step in range(1, 901)]
    text = write(tmp_path / "page.html", noisy, result, denoiser=denoiser, command="do 'it'")
    assert "<tr><th>window</th><td>7</td></tr>" in text
    assert "do &#x27;it&#x27;" in text
    loss = data_of(text)["loss"]
    assert len(loss) == 300
    assert np.mean([y for _, y in loss]) == pytest.approx(np.mean(1 / np.arange(1, 901)))


def test_what_the_result_left_out_is_said_and_ringed(tmp_path, rng):
    clean = np.ones((96, 96))
    rows, columns = np.mgrid[:96, :96]
    noisy = clean + np.exp(-((rows - 30) ** 2 + (columns - 60) ** 2) / 18)
    text = write(tmp_path / "page.html", noisy + rng.normal(0, 0.2, clean.shape), clean)
    assert "1 place where the result departs from the image" in text
    (ring,) = next(p for p in data_of(text)["panels"] if p["name"] == "evidence")["places"]
    assert np.hypot(ring[0] - 30, ring[1] - 60) < 4


def test_of_a_large_image_a_part_is_shown_and_the_whole_in_small(tmp_path, rng):
    image = rng.normal(size=(1100, 40))
    text = write(tmp_path / "page.html", image, gaussian_filter(image, 1))
    data = data_of(text)
    assert data["shape"] == [1024, 40]
    assert f"shown are rows {data['origin'][0]}:{data['origin'][0] + 1024}" in text
    assert data["images"]["whole"]["shape"] == [366, 13]


@pytest.mark.parametrize("image", [np.ones((12, 9)), np.zeros((3, 200)), np.full((9, 9), np.nan)])
def test_of_what_nothing_can_be_told_there_is_a_page_all_the_same(tmp_path, image):
    text = write(tmp_path / "page.html", image, np.nan_to_num(image))
    assert "shows no noise to compare" in text


def test_pixels_that_are_missing_are_left_out(tmp_path, noisy, result):
    noisy[10:14, 20:25] = np.nan
    data = data_of(write(tmp_path / "page.html", noisy, result))
    assert np.isnan(unpack(data["images"]["residual"])[10:14, 20:25]).all()


def test_stacks_and_other_shapes_are_refused(tmp_path, noisy, result):
    for other in (result[:32], np.stack([result] * 2)):
        with pytest.raises(ValueError, match=r"Expected images \(height, width\) of one shape"):
            save_report(tmp_path / "page.html", noisy, other)
    assert not list(tmp_path.iterdir())


def test_text_from_outside_is_escaped(tmp_path, noisy, result):
    about = {"denoiser": EVIL, "parameters": {EVIL: EVIL}, "input": {"name": EVIL}}
    strange = Calibration((1.0, 1.0), EVIL)
    text = write(
        tmp_path / "page.html", noisy, result, title=EVIL, provenance=about, command=EVIL,
        calibration=strange,
    )  # fmt: skip
    assert text.count("<script") == 2
    assert "<b>&" not in text
    entries = [{"name": EVIL, "status": "failed", "words": EVIL, "warnings": [EVIL]}]
    save_index(tmp_path / "index.html", entries, title=EVIL)
    assert "<script" not in (tmp_path / "index.html").read_text("utf8")


def test_no_page_names_a_server(tmp_path, noisy, result):
    text = write(tmp_path / "page.html", noisy, result)
    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text


def test_error_bars_without_a_value_are_blank(tmp_path, noisy, result):
    text = write(tmp_path / "page.html", noisy, result, std=np.full(noisy.shape, np.nan))
    data = re.search(r'<script[^>]*id="data"[^>]*>(.*?)</script>', text, re.S)[1]
    json.loads(data, parse_constant=pytest.fail)  # NaN is no JSON: the page would stay empty


def test_a_page_is_small(tmp_path, rng):
    clean = gaussian_filter(rng.normal(size=(208, 224)), 6)
    noisy = clean / clean.std() + rng.normal(size=clean.shape)
    text = write(tmp_path / "page.html", noisy, gaussian_filter(noisy, 4), std=np.abs(clean))
    assert len(text) < 5e6 / 16  # of 832 x 896 pixels, below 5 MB


@pytest.fixture(scope="module")
def browser():
    """Start Debian's Chromium without a window."""
    webdriver = pytest.importorskip("selenium.webdriver")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and driver):
        pytest.skip("chromium and chromium-driver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,900"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield chrome
    chrome.quit()


@pytest.fixture
def opened(browser, tmp_path, noisy, result):
    """Open a page with everything in it; return the browser."""
    save_report(
        tmp_path / "page.html", noisy, result, title=EVIL, calibration=PIXEL, command="do it",
        std=np.full(noisy.shape, 0.1), provenance={"denoiser": EVIL, "parameters": {"a": EVIL}},
    )  # fmt: skip
    browser.get((tmp_path / "page.html").as_uri())
    support = pytest.importorskip("selenium.webdriver.support.ui")
    support.WebDriverWait(browser, 60).until(
        lambda page: page.execute_script("return document.body.dataset.ready")
    )
    return browser


def pixels(page, canvas):
    """Return the red channel of a canvas."""
    code = (
        f"const c = {canvas}; return [c.height, c.width, "
        "...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    height, width, *values = page.execute_script(code)
    return np.reshape(values, (height, width, 4))[..., 0].astype(float)


def change(page, name, value, event="input"):
    """Set a control as a reader does."""
    code = f"e = document.getElementById('{name}'); e.value = '{value}'; "
    page.execute_script(code + f"e.dispatchEvent(new Event('{event}'))")


def test_a_page_opens_without_a_complaint_and_draws(opened):
    assert opened.get_log("browser") == []
    assert opened.title == EVIL
    panels = opened.execute_script("return document.querySelectorAll('figure').length")
    assert panels == 6  # residual, evidence, error bars, three spectra
    for number in range(panels):
        canvas = f"document.querySelectorAll('figure canvas')[{number}]"
        constant = number == 2
        assert (pixels(opened, canvas).std() > 5) != constant


def test_the_slider_shows_more_of_the_noisy_image_or_of_the_result(opened, noisy, result):
    for share, image in ((100, noisy), (0, result)):
        change(opened, "split", share)
        shown = pixels(opened, "document.getElementById('view')")
        inside = (shown > 3) & (shown < 252)
        assert np.corrcoef(shown[inside], image[inside])[0, 1] > 0.99
    change(opened, "colours", "grey, inverted", "change")
    turned = pixels(opened, "document.getElementById('view')")
    assert np.abs(turned + shown - 255).max() <= 1
    change(opened, "colours", "grey", "change")


def test_a_grey_scale_can_be_shared_and_narrowed(opened, noisy, result):
    change(opened, "split", 100)
    own = pixels(opened, "document.getElementById('view')")
    change(opened, "scale", "denoised", "change")
    shared = pixels(opened, "document.getElementById('view')")
    assert np.mean((shared == 0) | (shared == 255)) > 3 * np.mean((own == 0) | (own == 255))
    change(opened, "scale", "own", "change")
    change(opened, "high", 50)
    assert pixels(opened, "document.getElementById('view')").mean() > own.mean() + 20
    change(opened, "high", 100)


def test_the_reader_draws_a_line(opened):
    chains = pytest.importorskip("selenium.webdriver.common.action_chains")
    stage = opened.find_element("id", "stage")
    code = "return document.querySelector('#profile .denoised').getAttribute('d')"
    before = opened.execute_script(code)
    size = stage.size
    chains.ActionChains(opened).move_to_element_with_offset(
        stage, -size["width"] // 4, -size["height"] // 4
    ).click_and_hold().move_by_offset(size["width"] // 8, size["height"] // 2).release().perform()
    assert opened.execute_script(code) != before
    ends = opened.execute_script(
        "const l = document.getElementById('drawn');"
        "return ['x1', 'y1', 'x2', 'y2'].map((name) => +l.getAttribute(name))"
    )
    np.testing.assert_allclose(ends, [16, 16, 24, 48], atol=1)
    assert "row 4" in opened.find_element("id", "reading").text
    assert not [entry for entry in opened.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_sticks_out_of_a_narrow_window(opened, width):
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_an_index_opens_and_leads_to_reports(browser, tmp_path, noisy, result):
    (tmp_path / "out").mkdir()
    name = "a #1%<b>.tif.html"
    save_report(tmp_path / "out" / name, noisy, result)
    entry = {"name": "a #1%<b>.tif", "status": "done", "report": f"out/{name}"}
    entry |= {"thumbnails": [thumbnail(noisy), thumbnail(result)], "warnings": ["Look twice."]}
    save_index(tmp_path / "index.html", [entry, {"name": "b.tif", "status": "failed"}])
    browser.get((tmp_path / "index.html").as_uri())
    assert browser.get_log("browser") == []
    assert "2 files: 1 done, 1 failed." in browser.page_source
    sizes = browser.execute_script(
        "return [...document.images].map((image) => [image.naturalWidth, image.naturalHeight])"
    )
    assert sizes == [[64, 64], [64, 64]]
    browser.find_element("tag name", "a").click()
    assert browser.title == "a #1%<b>.tif"
